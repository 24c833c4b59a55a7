/*
 * The rules of one step. Nothing here waits, reads a clock or draws a number: the same state, input and
 * `now` give the same steps, so a step may be taken again.
 *
 *   new ──start──▶ active ──final state──▶ done
 *                  │    ▲ └──cancel──────▶ cancelled
 *            fails │    │ retry
 *                  ▼    │
 *                  parked: what comes is held
 */
import { TroupeError } from '../messages/errors.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import { evolveSaga } from './evolve-saga.js';
import { currentMachine, resume } from './migrate.js';
import { failedEffect, noTraceOf } from './no-trace.js';
import { effectEvent, outcomeEvent } from './outcome-event.js';
import { hears, type Reaction, runMachine, startMachine } from './run-machine.js';
import type { Saga } from './saga.js';
import type { MachineEvent, RetryInput, SagaInput } from './saga-input.js';
import type { SagaLog } from './saga-log.js';
import { nextDue, type SagaCommand, type SagaEffect, type SagaState } from './saga-state.js';
import { timeOf } from './saga-time.js';
import { NO_CHANGES, StepChanges } from './step-changes.js';
import type { StepResult } from './step-result.js';
import type { Stepped } from './stepped.js';

/** An instance as its stream has it. */
export interface SagaInstance {
  readonly id: string;
  readonly state: SagaState;
}

interface Taken {
  readonly stepped: Stepped;
  readonly logs: readonly SagaLog[];
}

/**
 * Takes an input. What fails in the machine or in its functions parks the instance and is no error here;
 * throws only `SagaVersionUnknown`, if its machine is not registered.
 *
 * `now` is the clock's time in Unix milliseconds; in event time it is not used.
 */
export function stepSaga(
  saga: Saga,
  instance: SagaInstance,
  input: SagaInput,
  now: number,
): StepResult {
  const { state } = instance;
  const noTrace = noTraceOf(state, input);
  if (noTrace) return { steps: [], state, logs: [], noTrace };
  if (input.kind === 'retry') return retry(saga, instance, input.how, now);
  const taken = take(saga, instance, input, now);
  return resultOf(state, [taken]);
}

function resultOf(state: SagaState, taken: readonly Taken[]): StepResult {
  const steps = taken.map(({ stepped }) => stepped);
  const logs = taken.flatMap((one) => one.logs);
  return {
    steps,
    logs,
    get state() {
      return steps.reduce(evolveSaga, state);
    },
  };
}

function take(saga: Saga, instance: SagaInstance, input: SagaInput, now: number): Taken {
  const { state } = instance;
  const { status } = state;
  if (status === 'done' || status === 'cancelled') return unmoved(state, input, 'late');
  if (status === 'parked' && input.kind !== 'cancel') return unmoved(state, input, 'held');
  return attempt(saga, instance, input, now);
}

/** A step in which the machine does not run. */
function unmoved(
  { step, time, status }: SagaState,
  input: SagaInput,
  became: Stepped['became'],
): Taken {
  return {
    stepped: { step: step + 1, at: time, input, became, status, ...NO_CHANGES },
    logs: [],
  };
}

/** Nothing of a step that fails has happened. */
function attempt(saga: Saga, instance: SagaInstance, input: SagaInput, now: number): Taken {
  try {
    return move(saga, instance, input, now);
  } catch (thrown) {
    if (thrown instanceof TroupeError && thrown.code === 'SagaVersionUnknown') throw thrown;
    const { stepped, logs } = unmoved(instance.state, input, 'parked');
    return { stepped: { ...stepped, status: 'parked', error: recorded(thrown) }, logs };
  }
}

/** Without stacks, which differ between places that run the same step. */
function recorded(thrown: unknown): PlainError {
  const bare = ({ stack: _, cause, ...error }: PlainError): PlainError => ({
    ...error,
    ...(cause && { cause: bare(cause) }),
  });
  return bare(toPlainError(thrown));
}

function move(saga: Saga, instance: SagaInstance, input: SagaInput, now: number): Taken {
  const { id, state } = instance;
  const step = state.step + 1;
  const at = timeOf(saga.time, state, input, now);
  const changes = new StepChanges({ saga: saga.name, id, step, at }, used(state, input));
  const result = moved(saga, instance, input, changes);
  const { all, logs } = changes;
  const logged = logs.length > 0 ? { logs } : {};
  return { stepped: { step, at, input, ...result, ...all, ...logged }, logs };
}

/** Without the timer that fires, or the effect that has ended. */
function used(state: SagaState, input: SagaInput): SagaState {
  if (input.kind === 'timer') return { ...state, timers: without(state.timers, input.key) };
  if (input.kind === 'effect') return { ...state, effects: without(state.effects, input.key) };
  return state;
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string) {
  const { [key]: _, ...others } = record;
  return others;
}

type Moved = Pick<Stepped, 'became' | 'status' | 'machine' | 'snapshot' | 'output'>;

function moved(saga: Saga, instance: SagaInstance, input: SagaInput, changes: StepChanges): Moved {
  const { id, state } = instance;
  if (state.status === 'new') return started(saga, input, changes);
  const event = eventFor(saga, state, input);
  const isCancel = input.kind === 'cancel';
  if (!event) return isCancel ? ended(changes) : { became: 'ignored', status: 'active' };
  const { machine, snapshot, stamp } = resume(saga, id, state, changes);
  if (input.kind === 'effect' && !input.result.ok && !hears(machine, snapshot, event))
    throw unheard(state.effects[input.key] as SagaEffect, input.result.error);
  const reaction = runMachine(machine, { snapshot, event }, changes);
  if (isCancel && !reaction.reacted) return ended(changes);
  return {
    ...(stamp && { machine: stamp, snapshot }),
    ...reacted(reaction, state.cancelling || isCancel),
  };
}

function started(saga: Saga, input: SagaInput, changes: StepChanges): Moved {
  const { machine, stamp } = currentMachine(saga);
  const start = input.kind === 'event' ? input.start?.input : undefined;
  return { machine: stamp, ...reacted(startMachine(machine, start, changes), false) };
}

function reacted(reaction: Reaction, isCancelling: boolean): Moved {
  const { snapshot, isDone, output } = reaction;
  if (!reaction.reacted) return { became: 'ignored', status: 'active' };
  if (!isDone) return { became: 'moved', status: 'active', snapshot };
  return { became: 'moved', status: isCancelling ? 'cancelled' : 'done', snapshot, output };
}

/** By an operator, wherever the machine is. */
function ended(changes: StepChanges): Moved {
  changes.disarmAll();
  changes.stopEffects();
  return { became: 'moved', status: 'cancelled' };
}

/** What the machine gets for an input. */
function eventFor(saga: Saga, state: SagaState, input: SagaInput): MachineEvent | undefined {
  switch (input.kind) {
    case 'event':
    case 'sent':
      return input.event;
    case 'timer':
      return state.timers[input.key]?.event;
    case 'outcome':
      return outcomeEvent(state.commands[input.key] as SagaCommand, input.outcome);
    case 'effect':
      return effectEvent(state.effects[input.key] as SagaEffect, input.result);
    case 'cancel':
      return input.compensate ? saga.cancel : undefined;
    case 'retry':
      return undefined;
  }
}

/** A failure that the machine does not hear of would go unnoticed: an operator may run the effect anew. */
function unheard({ service, key }: SagaEffect, error: PlainError): TroupeError {
  return new TroupeError(
    'EffectFailed',
    `Effect ${service} failed, and the machine has no transition for that: ${error.message}`,
    { service, key, error },
  );
}

/** Takes what was held, in its order, until a step fails again. */
function retry(
  saga: Saga,
  { id, state }: SagaInstance,
  how: RetryInput['how'],
  now: number,
): StepResult {
  const taken: Taken[] = [];
  let current: SagaState = { ...state, status: 'active', error: null };
  const isParked = () => current.status === 'parked';
  const record = (one: Taken) => {
    taken.push(one);
    current = evolveSaga(current, one.stepped);
  };
  for (const [i, input] of state.held.entries()) {
    if (i === 0 && how !== 'again') {
      record(dropped(current, input, how === 'rerun' ? failedEffect(state) : undefined));
      continue;
    }
    for (const timer of dueBefore(saga, () => current, input))
      record(take(saga, { id, state: current }, timer, now));
    if (isParked()) break;
    record(fromHeld(saga, { id, state: current }, input, now));
    if (isParked()) break;
  }
  return resultOf(state, taken);
}

/** In event time: the timers that are due before a held event, fired one after the other. */
function* dueBefore({ time }: Saga, state: () => SagaState, input: SagaInput): Iterable<SagaInput> {
  if (time !== 'event' || input.kind !== 'event') return;
  for (let next = nextDue(state()); next && next.due <= input.at; next = nextDue(state()))
    yield { kind: 'timer', key: next.key, generation: next.generation };
}

function fromHeld(saga: Saga, instance: SagaInstance, input: SagaInput, now: number): Taken {
  const isMoot = noTraceOf({ ...instance.state, held: [] }, input) !== undefined;
  const { stepped, logs } = isMoot
    ? unmoved(instance.state, input, 'dropped')
    : take(saga, instance, input, now);
  return { stepped: { ...stepped, fromHeld: true }, logs };
}

function dropped(state: SagaState, input: SagaInput, effect: SagaEffect | undefined): Taken {
  const { stepped, logs } = unmoved(state, input, 'dropped');
  return { stepped: { ...stepped, fromHeld: true, effects: effect ? [effect] : [] }, logs };
}
