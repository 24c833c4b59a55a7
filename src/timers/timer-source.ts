import type { FeedEvent } from '../dispatcher/subscription.js';
import type { StoredTimer, TimerPayload } from '../store/timers.js';

/** What an event did to one timer of its stream; the timer's generation is the event's version. */
export type TimerChange =
  | {
      readonly kind: 'armed';
      readonly key: string;
      /** Unix milliseconds. */
      readonly dueAt: number;
      /** What is sent then. */
      readonly payload: TimerPayload;
    }
  | { readonly kind: 'ended'; readonly key: string };

/** A kind of streams that arm timers. */
export interface TimerSource {
  /** Name of the subscription that keeps the index, and of who fires; unique on the log. */
  readonly name: string;
  /** Name of the streams in the log. */
  readonly stream: string;
  /** What an event of such a stream did to its timers, in order. Throws for one that cannot be read. */
  changes(event: FeedEvent): readonly TimerChange[];
  /**
   * Sends what a timer is for. It may be called again for the same timer, by two processes at once, and
   * for one that is not armed any more: whether it is armed is decided where its stream is written.
   * Resolves when the log says that it has fired, or that it must not; rejects with the error of a
   * command otherwise, and is then called again.
   */
  fire(timer: StoredTimer): Promise<void>;
}
