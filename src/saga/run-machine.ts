import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  initialTransition,
  type Snapshot,
  transition,
} from 'xstate';
import { toJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { invokeIds } from './machine-states.js';
import type { MachineEvent } from './saga-input.js';
import type { MachineSnapshot } from './saga-state.js';
import type { StepChanges } from './step-changes.js';
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

/** Starts a machine. What it does goes into `changes`; throws what its code throws, and `SagaRefused`. */
export function startMachine(
  machine: AnyStateMachine,
  input: unknown,
  changes: StepChanges,
): Reaction {
  const moved = initialTransition(machine, input as never) as unknown as Moved;
  return settle(takingOf(machine, changes, 'not started'), undefined, moved);
}

/** Gives a machine an event, on a snapshot from the log. As `startMachine`. */
export function runMachine(
  machine: AnyStateMachine,
  { snapshot, event }: { readonly snapshot: MachineSnapshot; readonly event: MachineEvent },
  changes: StepChanges,
): Reaction {
  const before = restore(machine, snapshot);
  const moved = transition(machine, before, event as never) as unknown as Moved;
  return settle(takingOf(machine, changes, JSON.stringify(snapshot.value)), before, moved);
}

/** Has the machine any transition for this event in its state, even one that does nothing? */
export function hears(
  machine: AnyStateMachine,
  snapshot: MachineSnapshot,
  event: MachineEvent,
): boolean {
  return machine.getTransitionData(restore(machine, snapshot), event as never).length > 0;
}

/** The snapshot as xstate has it. It arms no timer and starts no promise: the actor is never started. */
export function restore(machine: AnyStateMachine, snapshot: MachineSnapshot): AnyMachineSnapshot {
  const stored = snapshot as unknown as Snapshot<unknown>;
  const restored = createActor(machine, { snapshot: stored } as object).getSnapshot();
  if (restored.status !== 'error') return restored as AnyMachineSnapshot;
  throw new TroupeError(
    'SnapshotUnreadable',
    `Machine ${machine.id} has no state ${JSON.stringify(snapshot.value)}: raise the version of a saga whose machine changes`,
    { machine: machine.id, value: snapshot.value },
    restored.error,
  );
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
    [snapshot, actions] = transition(taking.machine, snapshot, event as never) as unknown as Moved;
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
