import type { PlainError } from '../messages/plain-error.js';
import type { MachineEvent, SagaInput } from './saga-input.js';

/**
 * `new`: not started. `active`: takes inputs. `done`: its machine reached a final state. `cancelled`: ended
 * by an operator. `parked`: an input failed; it and what follows is held until an operator retries.
 */
export type SagaStatus = 'new' | 'active' | 'parked' | 'done' | 'cancelled';

/** On which machine an instance runs. */
export interface MachineStamp {
  readonly id: string;
  /** Version of the saga with which that machine is registered. */
  readonly version: number;
}

/** A machine's snapshot as xstate persists it. */
export interface MachineSnapshot {
  /** In which states it is: a name, or nested names by region. */
  readonly value: unknown;
  readonly context: unknown;
  readonly [field: string]: unknown;
}

/** A timer that was set. Its key and generation together are never used again in the instance. */
export interface ArmedTimer {
  /** Unique among the armed timers of an instance: arming it again replaces it. */
  readonly key: string;
  readonly generation: number;
  /** Unix milliseconds. */
  readonly due: number;
  /** What the machine gets. */
  readonly event: MachineEvent;
}

export interface TimerRef {
  readonly key: string;
  readonly generation: number;
}

/** A command to send. */
export interface SagaCommand {
  /** Idempotency key: `saga/<name>/<instance>/<step>/<number>`, the same whenever the step is repeated. */
  readonly key: string;
  /** Name of the aggregate in code: outcomes come back as `<aggregate>.<type>.accepted` and so on. */
  readonly aggregate: string;
  /** Name of its streams in the log. */
  readonly storedAs: string;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** A declared service to run, at least once. */
export interface SagaEffect {
  /** The same for each attempt; for services that take an idempotency key. */
  readonly key: string;
  /** Its name among the machine's `actors`. */
  readonly service: string;
  readonly input?: unknown;
  /** Id of the `invoke` that it is the promise of; absent for `effect(...)`. */
  readonly invoke?: string;
}

/** All there is to know of an instance: plain JSON, the fold of its `stepped` events by `evolveSaga`. */
export interface SagaState {
  readonly status: SagaStatus;
  /** Number of steps so far: the version of its stream. */
  readonly step: number;
  /** The instance's time, Unix milliseconds. */
  readonly time: number;
  readonly machine: MachineStamp | null;
  readonly snapshot: MachineSnapshot | null;
  /** Armed timers by key. */
  readonly timers: Readonly<Record<string, ArmedTimer>>;
  /** Generation of the timer that was armed last. */
  readonly generation: number;
  /** Commands without an outcome yet, by key; without their data. */
  readonly commands: Readonly<Record<string, Omit<SagaCommand, 'data'>>>;
  /** Effects without a result yet, by key. */
  readonly effects: Readonly<Record<string, SagaEffect>>;
  /** Inputs to which the machine did not react. */
  readonly ignored: number;
  /** Events that came after the end. */
  readonly late: number;
  /** Asked to cancel, and compensating. */
  readonly cancelling: boolean;
  /** While parked: the input that failed, and those that came since. */
  readonly held: readonly SagaInput[];
  /** While parked: why. */
  readonly error: PlainError | null;
  /** Of a machine that is done. */
  readonly output: unknown;
}

/** State of an instance that has not started: the initial state of its stream. */
export const NEW_SAGA: SagaState = {
  ...{ status: 'new', step: 0, time: 0, machine: null, snapshot: null },
  ...{ timers: {}, generation: 0, commands: {}, effects: {} },
  ...{ ignored: 0, late: 0, cancelling: false, held: [], error: null, output: null },
};

/** Does it wait for what becomes of a command or an effect? Not unless active. */
export function isWaiting({ status, commands, effects }: SagaState): boolean {
  return status === 'active' && Object.keys(commands).length + Object.keys(effects).length > 0;
}

/** The armed timer that is due next; of several due at once, the one armed first. None unless active. */
export function nextDue({ status, timers }: SagaState): ArmedTimer | undefined {
  if (status !== 'active') return undefined;
  let next: ArmedTimer | undefined;
  for (const key in timers) {
    const timer = timers[key] as ArmedTimer;
    const order = next ? timer.due - next.due || timer.generation - next.generation : -1;
    if (order < 0) next = timer;
  }
  return next;
}
