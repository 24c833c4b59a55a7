import type { AnyStateMachine } from 'xstate';
import { COMMAND, type CommandTag } from './command.js';
import { EFFECT, type EffectTag } from './effect.js';
import type { MachineState } from './machine-states.js';

/** A state of a machine, with those inside of it. Plain data. */
export interface DescribedState {
  /** From the root down, joined by dots; empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Path of the state in which it begins; of a compound state. */
  readonly initial?: string;
  /** Names of actions. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Services that run while it is in this state. */
  readonly services: readonly string[];
  readonly transitions: readonly DescribedTransition[];
  readonly states: readonly DescribedState[];
}

/** A way out of a state, or one that stays in it. Plain data. */
export interface DescribedTransition {
  /**
   * `event`: on the event of that name; `after`: of a delay; `always`: at once, if its guard says so;
   * `done`: the states inside of it, or its service, have ended; `error`: its service has failed.
   */
  readonly kind: 'event' | 'after' | 'always' | 'done' | 'error';
  /** Of an `event` its name, with its `*`; of `after` the name of the delay, if it has one. */
  readonly on?: string;
  /** Of `after`: milliseconds, where they do not depend on the instance. */
  readonly delayMs?: number;
  readonly guard?: string;
  /** Paths; none where it stays. */
  readonly targets: readonly string[];
  readonly actions: readonly string[];
}

interface Transition {
  readonly target?: readonly { readonly path: readonly string[] }[] | undefined;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
}

/** What can be seen of a machine without running it: its states, and what leads from one to another. */
export function describeMachine(machine: AnyStateMachine): DescribedState {
  return described(machine, machine.root as unknown as MachineState);
}

function described(machine: AnyStateMachine, state: MachineState): DescribedState {
  const { entry, exit, states, type: kind } = state;
  const initial = kind === 'compound' ? state.initial.target?.[0]?.path : undefined;
  return {
    ...{ path: state.path.join('.'), name: state.key, kind },
    ...(initial && { initial: initial.join('.') }),
    ...{ entry: namesOf(entry), exit: namesOf(exit) },
    services: state.invoke.map(({ src }) => named(src)),
    transitions: transitionsOf(machine, state),
    states: (Object.values(states) as readonly MachineState[]).map((one) =>
      described(machine, one),
    ),
  };
}

function transitionsOf(machine: AnyStateMachine, state: MachineState): DescribedTransition[] {
  const on = [...state.transitions].flatMap(([descriptor, transitions]) =>
    transitions.map((one) => ({ ...triggerOf(machine, descriptor), ...wayOf(one as Transition) })),
  );
  const always = (state.always ?? []) as readonly Transition[];
  return [...on, ...always.map((one) => ({ kind: 'always' as const, ...wayOf(one) }))];
}

const INTERNAL = /^xstate\.(after|done|error)\.(?:state\.|actor\.)?(.*)$/;

function triggerOf(machine: AnyStateMachine, descriptor: string) {
  const [, kind, rest = ''] = INTERNAL.exec(descriptor) ?? [];
  if (kind === 'after') return { kind, ...delayOf(machine, rest.split('.')[0] ?? '') } as const;
  if (kind === 'done' || kind === 'error') return { kind } as const;
  return { kind: 'event', on: descriptor } as const;
}

function delayOf(machine: AnyStateMachine, name: string) {
  const { delays } = machine.implementations as { readonly delays: Record<string, unknown> };
  if (!Object.hasOwn(delays, name)) return { delayMs: Number(name) };
  const delay = delays[name];
  return { on: name, ...(typeof delay === 'number' && { delayMs: delay }) };
}

function wayOf({ target = [], guard, actions }: Transition) {
  return {
    ...(guard !== undefined && { guard: named(guard) }),
    targets: target.map(({ path }) => path.join('.')),
    actions: namesOf(actions),
  };
}

/** Without what xstate itself puts there to run delays. */
function namesOf(actions: readonly unknown[]): string[] {
  return actions.filter((action) => !isOfDelay(action)).map(named);
}

function isOfDelay(action: unknown): boolean {
  const { id, sendId } = Object(action) as { readonly id?: unknown; readonly sendId?: unknown };
  return [id, sendId].some((one) => typeof one === 'string' && one.startsWith('xstate.after.'));
}

/** An action, a guard or a service by its name in `setup`, or by what it is. */
function named(it: unknown): string {
  if (typeof it === 'string') return it;
  const { [COMMAND]: sent, [EFFECT]: run } = Object(it) as {
    readonly [COMMAND]?: CommandTag;
    readonly [EFFECT]?: EffectTag;
  };
  if (sent) return `${sent.definition.name}.${sent.type}`;
  if (run) return run.service;
  const { type, name } = Object(it) as { readonly type?: unknown; readonly name?: unknown };
  if (typeof type === 'string') return type.replace(/^xstate\./, '');
  return typeof name === 'string' && name !== '' ? name : '(anonymous)';
}
