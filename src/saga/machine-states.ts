import type { AnyStateMachine, StateNode } from 'xstate';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { COMMAND, type CommandTag } from './command.js';

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

/** The actions of a state, as its definition has them. */
export function actionsOf(state: MachineState): readonly unknown[] {
  const transitions = [...[...state.transitions.values()].flat(), ...(state.always ?? [])];
  const initial = state.type === 'compound' ? state.initial.actions : [];
  return [
    ...state.entry,
    ...state.exit,
    ...transitions.flatMap((one) => one.actions),
    ...initial,
  ] as readonly unknown[];
}

/** Aggregates to which a machine sends commands, but for those that only code in `enqueueActions` names. */
export function targetsOf(machine: AnyStateMachine): readonly Aggregate[] {
  const declared = Object.values(machine.implementations.actions as object) as unknown[];
  const actions = [...declared, ...statesOf(machine).flatMap(actionsOf)];
  return actions.flatMap((action) =>
    typeof action === 'function'
      ? ((action as { [COMMAND]?: CommandTag })[COMMAND]?.definition ?? [])
      : [],
  );
}

/** Has a machine anything that could be run as an effect? */
export function hasServices(machine: AnyStateMachine): boolean {
  const { actors } = machine.implementations;
  return Object.keys(actors as object).length > 0 || invokeIds(machine).size > 0;
}

/** Can a machine set timers? Code in `enqueueActions` might. */
export function hasDelays(machine: AnyStateMachine): boolean {
  const declared = Object.values(machine.implementations.actions as object) as unknown[];
  return [...declared, ...statesOf(machine).flatMap(actionsOf)].some((action) => {
    if (typeof action !== 'function') return false; // a name: it is declared
    const { type, delay } = action as { readonly type?: string; readonly delay?: unknown };
    return delay !== undefined || type === 'xstate.enqueueActions';
  });
}

/** Ids of the machine's `invoke`s. */
export function invokeIds(machine: AnyStateMachine): ReadonlySet<string> {
  const ids =
    known.get(machine) ??
    new Set(statesOf(machine).flatMap((state) => state.invoke.map(({ id }) => id)));
  known.set(machine, ids);
  return ids;
}
