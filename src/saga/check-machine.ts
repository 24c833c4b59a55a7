import type { AnyStateMachine } from 'xstate';
import { COMMAND } from './command.js';
import { EFFECT } from './effect.js';
import { actionsOf, type MachineState, statesOf } from './machine-states.js';
import { SagaRefused } from './saga-refused.js';
import { isService } from './service.js';
import { notDurable } from './take-action.js';

/** xstate's own actions that can be made durable. What some of them give shows only in a step. */
const ALLOWED = new Set(['assign', 'raise', 'sendTo', 'cancel', 'log', 'enqueueActions']);

/** What xstate's `setup` and a machine's config hold as an action. */
type AnyAction = string | { readonly type: string } | ActionFunction;

interface ActionFunction {
  (...args: never): unknown;
  readonly type?: string;
  readonly resolve?: unknown;
  readonly delay?: unknown;
  readonly to?: unknown;
}

interface Place {
  readonly machine: AnyStateMachine;
  readonly state: string;
}

/**
 * Throws `SagaRefused` for what a machine has that cannot be made durable: code that runs inside of it,
 * actors that are no promises, what is not declared. Code in `enqueueActions` shows only in a step.
 */
export function checkMachine(machine: AnyStateMachine): void {
  const { actions, actors } = machine.implementations;
  const declared = { machine, state: 'setup' };
  for (const [name, action] of Object.entries(actions as object))
    checkFunction(declared, name, action as ActionFunction);
  for (const [name, logic] of Object.entries(actors as object)) checkActor(declared, name, logic);
  for (const state of statesOf(machine)) checkState({ machine, state: state.id }, state);
}

function checkState(place: Place, state: MachineState): void {
  const transitions = [...[...state.transitions.values()].flat(), ...(state.always ?? [])];
  for (const { guard } of transitions) checkGuard(place, guard);
  for (const action of actionsOf(state)) checkAction(place, action as AnyAction);
  for (const [i, invoke] of state.invoke.entries()) checkInvoke(place, state, i, invoke);
}

function checkAction(place: Place, action: AnyAction): void {
  if (typeof action === 'function')
    return checkFunction(place, action.type ?? (action.name || '(anonymous)'), action);
  const name = typeof action === 'string' ? action : action.type;
  if (!Object.hasOwn(place.machine.implementations.actions, name))
    throw refused(place, name, 'no action of this name is declared in setup({ actions })');
}

function checkFunction(place: Place, name: string, action: ActionFunction): void {
  if (COMMAND in action || EFFECT in action) return;
  if (action.resolve === undefined) throw refused(place, name, notDurable(name));
  const kind = String(action.type).replace('xstate.', '');
  if (!ALLOWED.has(kind))
    throw refused(place, kind, `expected one of ${[...ALLOWED].join(', ')}, command or effect`);
  if (kind === 'sendTo' && typeof action.to === 'string' && action.to !== '#_internal')
    throw refused(place, `sendTo(${action.to})`, 'it may send events only to itself');
  const { delay } = action;
  if (typeof delay === 'string' && !Object.hasOwn(place.machine.implementations.delays, delay))
    throw refused(place, name, `no delay named ${delay} is declared in setup({ delays })`);
}

function checkGuard(place: Place, guard: unknown): void {
  const name = typeof guard === 'string' ? guard : (guard as { type?: string } | undefined)?.type;
  if (typeof guard === 'function' || name === undefined) return;
  if (!Object.hasOwn(place.machine.implementations.guards, name))
    throw refused(place, name, 'no guard of this name is declared in setup({ guards })');
}

function checkInvoke(
  place: Place,
  state: MachineState,
  index: number,
  {
    id,
    src,
    onSnapshot,
  }: { readonly id: string; readonly src: unknown; readonly onSnapshot?: unknown },
): void {
  if (onSnapshot !== undefined)
    throw refused(place, id, 'a promise has no snapshots to listen to: leave out onSnapshot');
  const { actors } = place.machine.implementations as { actors: Record<string, unknown> };
  const configs = [state.config.invoke ?? []].flat() as readonly { readonly src: unknown }[];
  const given = configs[index]?.src;
  if (typeof given !== 'string') return checkActor(place, id, given);
  if (!Object.hasOwn(actors, given))
    throw refused(place, String(src), 'no service of this name is declared in setup({ actors })');
}

function checkActor(place: Place, name: string, logic: unknown): void {
  if (isService(logic)) return;
  throw refused(
    place,
    name,
    'it is no promise: only service(...) and fromPromise(...) can be invoked',
  );
}

function refused({ machine, state }: Place, action: string, problem: string): SagaRefused {
  return new SagaRefused({ machine: machine.id, state, action }, problem);
}
