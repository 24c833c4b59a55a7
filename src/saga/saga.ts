import type { AnyStateMachine } from 'xstate';
import type { Listening } from '../dispatcher/listening.js';
import type { MachineEvent } from './saga-input.js';
import type { MachineSnapshot } from './saga-state.js';

/** Marks what `defineSaga` made, whichever copy of the package made it. */
export const SAGA = Symbol.for('troupe.saga');

/** What moves the time of an instance: the clock, or the events that it gets. */
export type SagaTime = 'wall' | 'event';

/** A snapshot of an older machine, as `migrate` gets it. */
export interface OldSnapshot {
  /** Version of the saga with which the instance ran last. */
  readonly version: number;
  /** Id of its machine. */
  readonly machine: string;
  /** In which states it was. */
  readonly value: unknown;
  readonly context: unknown;
}

/** The types that a saga carries. */
export interface SagaTypes {
  /** Events of the machine. */
  readonly event: { readonly type: string };
  /** Context of the machine. */
  readonly context: unknown;
  /** What the machine is done with. */
  readonly output: unknown;
  /** Domain events, as tests give them. */
  readonly given: unknown;
}

/** A saga as the runtime knows it. Made by `defineSaga`. */
// biome-ignore lint/suspicious/noExplicitAny: each saga is a Saga, whatever its types
export interface Saga<Types extends SagaTypes = any> {
  readonly kind: 'saga';
  readonly name: string;
  readonly version: number;
  /** Its streams in the log: `$saga/<name>`. */
  readonly storedAs: string;
  readonly time: SagaTime;
  /** What it listens to, by name in the log. */
  readonly listening: ReadonlyMap<string, Listening>;
  readonly correlate: (event: never) => string | null | undefined;
  readonly toMachine: (event: never) => MachineEvent | null | undefined;
  /** By `<aggregate>.<event>`: makes the machine's input. */
  readonly starts: Readonly<Record<string, (event: never) => unknown>>;
  /** Machines on which instances may run, by the version of the saga; today's among them. */
  readonly machines: ReadonlyMap<number, AnyStateMachine>;
  readonly migrate: ((old: OldSnapshot) => Pick<MachineSnapshot, 'value' | 'context'>) | undefined;
  /** What a machine gets that is to compensate and end. */
  readonly cancel: MachineEvent | undefined;
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** True for what `defineSaga` made. */
export function isSaga(value: unknown): value is Saga {
  return typeof value === 'object' && value !== null && SAGA in value;
}
