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
  let self = idle.get(machine);
  if (!self) {
    self = createActor(NOTHING);
    // Actors that a machine names would be known from the step before.
    if (invokeIds(machine).size === 0) idle.set(machine, self);
  }
  const scope = new StillScope(self);
  return { scope, actions: scope.actions };
}

/** Made for each step: a class, so that it costs next to nothing. */
class StillScope implements AnyActorScope {
  readonly actions: MachineAction[] = [];
  readonly id = '';
  readonly sessionId = '';
  readonly defer = ignore;
  readonly logger = ignore;
  readonly stopChild = ignore;
  readonly emit = ignore;
  readonly system: AnyActor['system'];
  readonly actionExecutor = (action: unknown): void =>
    void this.actions.push(action as MachineAction);

  constructor(readonly self: AnyActor) {
    this.system = self.system;
  }
}

/** After a step that was refused: it may have left actors behind that it had no right to. */
export function forgetScope(machine: AnyStateMachine): void {
  idle.delete(machine);
}
