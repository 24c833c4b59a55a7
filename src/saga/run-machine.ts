import type { AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate';
import { toJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { invokeIds } from './machine-states.js';
import type { MachineEvent } from './saga-input.js';
import type { MachineSnapshot } from './saga-state.js';
import type { StepChanges } from './step-changes.js';
import { forgetScope, stillScope } from './still-scope.js';
import { type MachineAction, refusedAt, type Taking, takeAction } from './take-action.js';

/** Events that a machine may send to itself in one step. */
const MAX_TO_SELF = 1000;

/** What a machine made of an input. */
export interface Reaction {
  /** False if it did not react: the snapshot is the one before. */
  readonly reacted: boolean;
  readonly snapshot: MachineSnapshot;
  readonly isDone: boolean;
  /** Of a machine that is done; JSON. */
  readonly output: unknown;
}

type Moved = readonly [AnyMachineSnapshot, readonly MachineAction[]];

/** The initial state of a machine, and what it would do. */
function initialTransition(machine: AnyStateMachine, input: unknown): Moved {
  const { scope, actions } = stillScope(machine);
  return [machine.getInitialSnapshot(scope, input as never) as AnyMachineSnapshot, actions];
}

/** Where an event leads, and what the machine would do. */
function transition(
  machine: AnyStateMachine,
  before: AnyMachineSnapshot,
  event: MachineEvent,
): Moved {
  const { scope, actions } = stillScope(machine);
  return [machine.transition(before, event as never, scope) as AnyMachineSnapshot, actions];
}

/** Starts a machine. What it does goes into `changes`; throws what its code throws, and `SagaRefused`. */
export function startMachine(
  machine: AnyStateMachine,
  input: unknown,
  changes: StepChanges,
): Reaction {
  const taking = takingOf(machine, changes, 'not started');
  return stepped(taking, () => settle(taking, undefined, initialTransition(machine, input)));
}

/** Gives a machine an event, on a snapshot from the log. As `startMachine`. */
export function runMachine(
  machine: AnyStateMachine,
  { snapshot, event }: { readonly snapshot: MachineSnapshot; readonly event: MachineEvent },
  changes: StepChanges,
): Reaction {
  const before = restore(machine, snapshot);
  const taking = takingOf(machine, changes, JSON.stringify(snapshot.value));
  return stepped(taking, () => settle(taking, before, transition(machine, before, event)));
}

/** Has the machine any transition for this event in its state, even one that does nothing? */
export function hears(
  machine: AnyStateMachine,
  snapshot: MachineSnapshot,
  event: MachineEvent,
): boolean {
  return machine.getTransitionData(restore(machine, snapshot), event as never).length > 0;
}

/** The snapshot as xstate has it. It arms no timer and starts no promise: nothing is started. */
export function restore(machine: AnyStateMachine, snapshot: MachineSnapshot): AnyMachineSnapshot {
  try {
    const stored = snapshot as unknown as Snapshot<unknown>;
    return machine.restoreSnapshot(stored, stillScope(machine).scope) as AnyMachineSnapshot;
  } catch (error) {
    throw new TroupeError(
      'SnapshotUnreadable',
      `Machine ${machine.id} has no state ${JSON.stringify(snapshot.value)}: raise the version of a saga whose machine changes`,
      { machine: machine.id, value: snapshot.value },
      error,
    );
  }
}

/** What a machine did in a step; one that fails leaves nothing behind. */
function stepped(taking: Taking, step: () => Reaction): Reaction {
  try {
    return step();
  } catch (error) {
    forgetScope(taking.machine);
    throw error;
  }
}

function takingOf(machine: AnyStateMachine, changes: StepChanges, state: string): Taking {
  return { machine, invokes: invokeIds(machine), changes, toSelf: [], state };
}

/** Takes all actions, and hands the machine what it sent to itself until nothing is left. */
function settle(taking: Taking, before: AnyMachineSnapshot | undefined, first: Moved): Reaction {
  let [snapshot, actions] = first;
  const reacted = snapshot !== before || actions.length > 0;
  take(taking, snapshot, actions);
  for (let sent = 1; taking.toSelf.length > 0 && snapshot.status === 'active'; sent++) {
    if (sent > MAX_TO_SELF)
      throw refusedAt(
        taking,
        'sendTo',
        `it sent itself more than ${MAX_TO_SELF} events in one step`,
      );
    const event = taking.toSelf.shift() as MachineEvent;
    [snapshot, actions] = transition(taking.machine, snapshot, event);
    take(taking, snapshot, actions);
  }
  const isDone = snapshot.status === 'done';
  if (isDone) taking.changes.disarmAll();
  const output = snapshot.output === undefined ? null : copied(snapshot.output);
  return { reacted, snapshot: persist(taking, snapshot), isDone, output };
}

function take(taking: Taking, snapshot: AnyMachineSnapshot, actions: readonly MachineAction[]) {
  if (snapshot.status === 'error') throw snapshot.error;
  for (const action of actions) takeAction(taking, action);
}

/** As it is read again from the log, so that a live instance is the same as a replayed one. */
function persist(taking: Taking, snapshot: AnyMachineSnapshot): MachineSnapshot {
  const { machine, invokes } = taking;
  const spawned = Object.keys(snapshot.children).find((id) => !invokes.has(id));
  if (spawned !== undefined)
    throw refusedAt(
      taking,
      'spawn',
      `it may not spawn actors (${spawned}): use invoke, or effect(...)`,
    );
  return copied(machine.getPersistedSnapshot(snapshot)) as unknown as MachineSnapshot;
}

function copied<Value>(value: Value): Value {
  return JSON.parse(toJson(value)) as Value;
}
