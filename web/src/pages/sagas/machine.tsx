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
  const active = activePaths(value);
  return (
    <div class={root.kind === 'parallel' ? 'boxes boxes-parallel' : 'boxes'}>
      {root.states.map((state) => (
        <Box key={state.path} state={state} active={active} isFirst={root.initial === state.path} />
      ))}
    </div>
  );
}

interface BoxProps {
  readonly state: MachineState;
  readonly active: ReadonlySet<string>;
  /** The state around it begins in it. */
  readonly isFirst: boolean;
}

function Box({ state, active, isFirst }: BoxProps) {
  const { path, name, kind, states, initial } = state;
  const isActive = active.has(path);
  return (
    <div class={`box box-${kind}${isActive ? ' box-active' : ''}`}>
      <p class="box-name">
        {isFirst && <span class="box-start" role="img" aria-label="begins here" />}
        <b>{name}</b>
        {isActive && <span class="box-here">is here</span>}
        {kind !== 'atomic' && kind !== 'compound' && <span class="mark">{kind}</span>}
      </p>
      <Doings state={state} />
      {states.length > 0 && (
        <div class={kind === 'parallel' ? 'boxes boxes-parallel' : 'boxes'}>
          {states.map((one) => (
            <Box key={one.path} state={one} active={active} isFirst={initial === one.path} />
          ))}
        </div>
      )}
    </div>
  );
}

function Doings({ state: { entry, exit, services } }: { state: MachineState }) {
  const all = [
    ['entry', entry],
    ['runs', services],
    ['exit', exit],
  ] as const;
  return (
    <>
      {all
        .filter(([, names]) => names.length > 0)
        .map(([when, names]) => (
          <p key={when} class="box-does">
            <span>{when}</span> {names.join(', ')}
          </p>
        ))}
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
