import type { Rejection } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';

/** An event of a machine: plain JSON with a `type`. */
export interface MachineEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * What reaches an instance, one at a time: plain JSON, recorded with the step that it caused. What may
 * arrive twice carries what tells: the source event, the key, the generation.
 */
export type SagaInput =
  | DomainEventInput
  | TimerInput
  | OutcomeInput
  | EffectInput
  | SentInput
  | CancelInput
  | RetryInput;

/** A domain event that concerns this instance. Made by `routeEvent`. */
export interface DomainEventInput {
  readonly kind: 'event';
  /** Its `eventId`, by which it is told from a repetition. */
  readonly source: string;
  /** When it happened in the domain, Unix milliseconds: the time of an instance in event time. */
  readonly at: number;
  /** What the machine of a running instance gets. Absent: nothing. */
  readonly event?: MachineEvent;
  /** Present where it may start an instance: then this is the machine's `input`, and `event` is not used. */
  readonly start?: { readonly input?: unknown };
}

/** A timer is due. Without effect if it is not armed, or was armed anew since. */
export interface TimerInput {
  readonly kind: 'timer';
  readonly key: string;
  readonly generation: number;
}

/** What became of a command that the instance sent. Without effect if none with this key is outstanding. */
export interface OutcomeInput {
  readonly kind: 'outcome';
  /** The command's idempotency key. */
  readonly key: string;
  readonly outcome: CommandFate;
}

/** The definite ends of a saga's command; what is refused or unknown is first resolved by who sends it. */
export type CommandFate =
  | { readonly kind: 'accepted'; readonly version: number }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** What became of an effect, after all its attempts. Without effect if none with this key is outstanding. */
export interface EffectInput {
  readonly kind: 'effect';
  readonly key: string;
  readonly result: EffectResult;
}

export type EffectResult =
  | { readonly ok: true; readonly output?: unknown }
  | { readonly ok: false; readonly error: PlainError };

/** An event sent by hand. In event time it takes no time. */
export interface SentInput {
  readonly kind: 'sent';
  readonly event: MachineEvent;
}

/** Ends the instance: at once, or by the saga's `cancel` event if the machine reacts to it. */
export interface CancelInput {
  readonly kind: 'cancel';
  readonly compensate: boolean;
}

/**
 * Goes on with a parked instance: with the input that failed `again`, without it (`skip`), or, where that
 * is the failure of an effect, by running this effect anew (`rerun`). What was held follows in its order.
 */
export interface RetryInput {
  readonly kind: 'retry';
  readonly how: 'again' | 'skip' | 'rerun';
}
