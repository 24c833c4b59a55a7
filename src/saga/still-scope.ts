import { type AnyActorLogic, type AnyActorScope, createActor } from 'xstate';
import type { MachineAction } from './take-action.js';

/** An actor that does nothing. That of the machine itself would compute its initial state for nothing. */
const NOTHING = {
  transition: (snapshot: unknown) => snapshot,
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: (snapshot: unknown) => snapshot,
} as unknown as AnyActorLogic;

const ignore = (): void => undefined;

/**
 * Where a machine takes a step without running, as in xstate's pure functions: what it would do is told and
 * not done. New for each step, since a machine may name the actors of its system.
 */
export function stillScope(): {
  readonly scope: AnyActorScope;
  readonly actions: readonly MachineAction[];
} {
  const actions: MachineAction[] = [];
  const self = createActor(NOTHING);
  const scope: AnyActorScope = {
    ...{ self, system: self.system, id: '', sessionId: '' },
    ...{ defer: ignore, logger: ignore, stopChild: ignore, emit: ignore },
    actionExecutor: (action) => void actions.push(action as MachineAction),
  };
  return { scope, actions };
}
