import type { AnyStateMachine, StateNode } from 'xstate';

/** A state of a machine, with what it does. */
// biome-ignore lint/suspicious/noExplicitAny: of any machine
export type MachineState = StateNode<any, any>;

const known = new WeakMap<AnyStateMachine, ReadonlySet<string>>();

/** All states of a machine, its root first. */
export function statesOf(machine: AnyStateMachine): readonly MachineState[] {
  return withDescendants(machine.root as unknown as MachineState);
}

function withDescendants(state: MachineState): readonly MachineState[] {
  const children = Object.values(state.states) as readonly MachineState[];
  return [state, ...children.flatMap(withDescendants)];
}

/** Ids of the machine's `invoke`s. */
export function invokeIds(machine: AnyStateMachine): ReadonlySet<string> {
  const ids =
    known.get(machine) ??
    new Set(statesOf(machine).flatMap((state) => state.invoke.map(({ id }) => id)));
  known.set(machine, ids);
  return ids;
}
