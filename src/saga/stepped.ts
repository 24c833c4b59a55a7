import type { PlainError } from '../messages/plain-error.js';
import type { SagaInput } from './saga-input.js';
import type { SagaLog } from './saga-log.js';
import type {
  ArmedTimer,
  MachineSnapshot,
  MachineStamp,
  SagaCommand,
  SagaEffect,
  SagaStatus,
  TimerRef,
} from './saga-state.js';

/**
 * `moved`: the machine reacted, or the instance was cancelled. `ignored`: the machine does not react to it
 * in its state. `late`: the instance has ended. `parked`: the step failed, nothing of it has happened.
 * `held`: kept, since the instance is parked. `dropped`: skipped by an operator.
 */
export type Became = 'moved' | 'ignored' | 'late' | 'parked' | 'held' | 'dropped';

/** The one event of a saga's stream: an input and all that it changed. Plain JSON. */
export interface Stepped {
  /** Number of the step, from 1: the version at which the event stands. */
  readonly step: number;
  /** The instance's time, Unix milliseconds; what is sent happened then. */
  readonly at: number;
  readonly input: SagaInput;
  readonly became: Became;
  /** Of the instance, after the step. */
  readonly status: SagaStatus;
  /** It was the first of those held, and is held no more unless the step parked again. */
  readonly fromHeld?: true;
  /** Present where it is another than before. */
  readonly machine?: MachineStamp;
  /** Present where the machine reacted. */
  readonly snapshot?: MachineSnapshot;
  /** The result of a machine that is done. */
  readonly output?: unknown;
  /** To send, in this order. */
  readonly commands: readonly SagaCommand[];
  readonly timersSet: readonly ArmedTimer[];
  /** Without the one that fired in this step. */
  readonly timersCancelled: readonly TimerRef[];
  /** To run; also an effect that an operator runs anew. */
  readonly effects: readonly SagaEffect[];
  /** Keys of effects whose result is not wanted any more. */
  readonly effectsCancelled: readonly string[];
  /** Why it parked. */
  readonly error?: PlainError;
  /** What the machine logged, if it did: told to the runtime's logger. */
  readonly logs?: readonly SagaLog[];
}
