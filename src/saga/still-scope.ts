import {
  type AnyActor,
  type AnyActorLogic,
  type AnyActorScope,
  type AnyStateMachine,
  createActor,
} from 'xstate';
import { invokeIds } from './machine-states.js';
import type { MachineAction } from './take-action.js';

/** An actor that does nothing. That of the machine itself would compute its initial state for nothing. */
const NOTHING = {
  transition: (snapshot: unknown) => snapshot,
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: (snapshot: unknown) => snapshot,
} as unknown as AnyActorLogic;

const ignore = (): void => undefined;

/** By machine; those that invoke nothing leave nothing behind in it. */
const idle = new WeakMap<AnyStateMachine, AnyActor>();

/**
 * Where a machine takes a step without running, as in xstate's pure functions: what it would do is told and
 * not done.
 */
export function stillScope(machine: AnyStateMachine): {
  readonly scope: AnyActorScope;
  readonly actions: readonly MachineAction[];
} {
  const actions: MachineAction[] = [];
  const self = idle.get(machine) ?? createActor(NOTHING);
  // Actors that a machine names would be known from the step before.
  if (invokeIds(machine).size === 0) idle.set(machine, self);
  const scope: AnyActorScope = {
    ...{ self, system: self.system, id: '', sessionId: '' },
    ...{ defer: ignore, logger: ignore, stopChild: ignore, emit: ignore },
    actionExecutor: (action) => void actions.push(action as MachineAction),
  };
  return { scope, actions };
}

/** After a step that was refused: it may have left actors behind that it had no right to. */
export function forgetScope(machine: AnyStateMachine): void {
  idle.delete(machine);
}
