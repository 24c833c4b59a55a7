import type { ArmedTimer, SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** The state after a step. Runs neither the machine nor any code of the domain. */
export function evolveSaga(state: SagaState, stepped: Stepped): SagaState {
  const { step, at, status, became, machine, snapshot } = stepped;
  const ended = status === 'done' || status === 'cancelled';
  return {
    status,
    step,
    time: at,
    machine: machine ?? state.machine,
    snapshot: snapshot ?? state.snapshot,
    timers: timersAfter(state, stepped),
    generation: stepped.timersSet.reduce(
      (highest, { generation }) => Math.max(highest, generation),
      state.generation,
    ),
    commands: commandsAfter(state, stepped),
    effects: effectsAfter(state, stepped),
    ignored: state.ignored + (became === 'ignored' ? 1 : 0),
    late: state.late + (became === 'late' && isEvent(stepped) ? 1 : 0),
    cancelling: state.cancelling || (stepped.input.kind === 'cancel' && became === 'moved'),
    held: ended ? [] : heldAfter(state, stepped),
    error: status === 'parked' ? (stepped.error ?? state.error) : null,
    output: stepped.output ?? state.output,
  };
}

function isEvent({ input }: Stepped): boolean {
  return input.kind === 'event' || input.kind === 'sent';
}

/** An input is used up unless its step failed, or waits. */
function isUsed({ became }: Stepped): boolean {
  return became !== 'parked' && became !== 'held';
}

function timersAfter(state: SagaState, stepped: Stepped): SagaState['timers'] {
  const { input, timersSet, timersCancelled } = stepped;
  const fired = input.kind === 'timer' && isUsed(stepped) ? [input] : [];
  const timers = without(
    state.timers,
    [...fired, ...timersCancelled]
      .filter(({ key, generation }) => state.timers[key]?.generation === generation)
      .map(({ key }) => key),
  );
  return withAll<ArmedTimer>(timers, timersSet);
}

function commandsAfter(state: SagaState, stepped: Stepped): SagaState['commands'] {
  const { input } = stepped;
  const answered = input.kind === 'outcome' && isUsed(stepped) ? [input.key] : [];
  const sent = stepped.commands.map(({ data: _, ...command }) => command);
  return withAll(without(state.commands, answered), sent);
}

function effectsAfter(state: SagaState, stepped: Stepped): SagaState['effects'] {
  const { input } = stepped;
  const finished = input.kind === 'effect' && isUsed(stepped) ? [input.key] : [];
  const left = without(state.effects, [...finished, ...stepped.effectsCancelled]);
  return withAll(left, stepped.effects);
}

function heldAfter({ held }: SagaState, { became, input, fromHeld }: Stepped): SagaState['held'] {
  if (became === 'held') return [...held, input];
  if (became === 'parked') return fromHeld ? held : [input, ...held];
  // What was held is of no use to a machine that compensates.
  if (input.kind === 'cancel') return [];
  return fromHeld ? held.slice(1) : held;
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  keys: readonly string[],
): Readonly<Record<string, Value>> {
  if (keys.length === 0) return record;
  const left = { ...record };
  for (const key of keys) delete left[key];
  return left;
}

function withAll<Value extends { readonly key: string }>(
  record: Readonly<Record<string, Value>>,
  values: readonly Value[],
): Readonly<Record<string, Value>> {
  if (values.length === 0) return record;
  return { ...record, ...Object.fromEntries(values.map((value) => [value.key, value])) };
}
