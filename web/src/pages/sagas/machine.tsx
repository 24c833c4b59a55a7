import type { MachineState, MachineValue, Transition } from '../../data/saga-answers.js';
import { duration } from '../../format/times.js';
import { activePaths, pathText, statesIn } from './machine-value.js';

interface MachineProps {
  readonly root: MachineState;
  /** In which states an instance is; without, the machine alone is drawn. */
  readonly value?: MachineValue;
}

/** A machine as boxes inside of boxes; those in which an instance is stand out. */
export function MachineBoxes({ root, value = null }: MachineProps) {
  return <Boxes around={root} active={activePaths(value)} />;
}

interface BoxesProps {
  readonly around: MachineState;
  readonly active: ReadonlySet<string>;
}

function Boxes({ around: { kind, states, initial }, active }: BoxesProps) {
  if (states.length === 0) return null;
  return (
    <div class={`boxes boxes-${kind}`}>
      {states.map((state) => (
        <Box key={state.path} around={state} active={active} isFirst={initial === state.path} />
      ))}
    </div>
  );
}

/** `isFirst`: the state around it begins in it. */
function Box({ around, active, isFirst }: BoxesProps & { readonly isFirst: boolean }) {
  const { path, name, kind } = around;
  const isActive = active.has(path);
  return (
    <div class={`box box-${kind}${isActive ? ' box-active' : ''}`}>
      <p class="box-name">
        {isFirst && <span class="box-start" role="img" aria-label="begins here" />}
        <b>{name}</b>
        {isActive && <span class="box-here">is here</span>}
        {kind !== 'atomic' && kind !== 'compound' && <span class="mark">{kind}</span>}
      </p>
      <Doings state={around} />
      <Boxes around={around} active={active} />
    </div>
  );
}

function Doings({ state: { entry, exit, services } }: { state: MachineState }) {
  const all = { entry, runs: services, exit };
  return (
    <>
      {Object.entries(all).map(
        ([when, names]) =>
          names.length > 0 && (
            <p key={when} class="note">
              {when} {names.join(', ')}
            </p>
          ),
      )}
    </>
  );
}

interface Way {
  readonly from: string;
  readonly transition: Transition;
}

/** All ways from a state to another; those that are open to an instance come first, and stand out. */
export function Ways({ root, value }: MachineProps) {
  const active = activePaths(value ?? null);
  const isOpen = ({ from }: Way) => value !== undefined && (from === '' || active.has(from));
  const ways = statesIn(root).flatMap(({ path, transitions }) =>
    transitions.map((transition): Way => ({ from: path, transition })),
  );
  const sorted = [...ways.filter(isOpen), ...ways.filter((way) => !isOpen(way))];
  return (
    <ul class="ways">
      {sorted.map((way, i) => (
        <li key={i} class={isOpen(way) ? 'way way-open' : 'way'}>
          <WayLine way={way} isOpen={isOpen(way)} />
        </li>
      ))}
    </ul>
  );
}

function WayLine({ way: { from, transition }, isOpen }: { way: Way; isOpen: boolean }) {
  const { targets, guard, actions } = transition;
  return (
    <>
      <span class="way-from">
        {isOpen && <span class="visually-hidden">open now: </span>}
        {pathText(from)}
      </span>
      <span class="way-when">
        {whenText(transition)}
        {guard !== undefined && <span class="note"> if {guard}</span>}
      </span>
      <span class="way-to">
        <span aria-hidden="true">→ </span>
        <span class="visually-hidden">leads to </span>
        {targets.length === 0 ? 'stays' : targets.map(pathText).join(', ')}
      </span>
      <span class="note">{actions.join(', ')}</span>
    </>
  );
}

function whenText({ kind, on, delayMs }: Transition) {
  switch (kind) {
    case 'event':
      return <code>{on}</code>;
    case 'after': {
      const length = delayMs === undefined ? 'a time of its own' : duration(delayMs);
      return on === undefined ? `after ${length}` : `after ${on} (${length})`;
    }
    case 'always':
      return 'at once';
    case 'done':
      return 'when that is done';
    case 'error':
      return 'when that has failed';
  }
}
