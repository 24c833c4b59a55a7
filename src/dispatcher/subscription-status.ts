import type { PlainError } from '../messages/plain-error.js';

/*
 * What a subscription does in the process that wants to run it:
 *
 *                        +--lease of another--> standby --lease over--+
 *                        |                                            v
 *   starting --claim-----+--granted--> catchingUp <--too far behind-- live
 *      ^                 |                  |   ---end of the log--->   |
 *      |                 |                  +------------+--------------+
 *      |                 |                               | a batch fails
 *      +--lease lost-----|-------------------------- retrying --> smaller batches --> its stream is parked
 *                        |                                            (others go on)
 *                        +--> paused (by an operator)      +--> stopped (loudly: the log is not the one it
 *                                                               knows, or the code is not the right one)
 *
 * That streams are parked is not a state of its own: the others are caught up or live.
 */
export type SubscriptionState =
  | 'starting'
  | 'standby'
  | 'rebuilding'
  | 'catchingUp'
  | 'live'
  | 'retrying'
  | 'paused'
  | 'stopped';

/** How far a rebuild has come. Plain data. */
export interface RebuildProgress {
  /** Events folded by this process. */
  readonly events: number;
  readonly position: number;
  /** Position of the version that serves, which it has to reach. */
  readonly upTo: number;
  readonly eventsPerSecond: number;
  /** At this rate; undefined before there is one. */
  readonly secondsLeft: number | undefined;
}

/** A subscription as one process sees it. Plain data. */
export interface SubscriptionStatus {
  readonly name: string;
  readonly state: SubscriptionState;
  /** Everything at or below this position that it wants is handled or parked. */
  readonly position: number;
  /** Why it retries or has stopped. */
  readonly error: PlainError | undefined;
  /** Attempts at the batch that fails. */
  readonly attempts: number;
  /** Streams that wait for an operator. */
  readonly parked: number;
  /** Times that it, or the thread, could not keep up with what is pushed or held in memory, and went back to reading the log. */
  readonly fallbacks: number;
  /** While its new version is built beside the one that serves. */
  readonly rebuild: RebuildProgress | undefined;
}
