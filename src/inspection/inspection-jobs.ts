import type { Answer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import type { ReadEvent } from '../messages/event.js';
import type { StreamName } from '../store/store.js';

/*
 * What is worked out from the log alone, outside of shards: plain data both ways, since it crosses to the
 * inspection thread. Names of aggregates are those in the log; states and payloads are JSON text.
 */

/** A page of the log or of a stream, and what of it is wanted. */
export interface EventsQuery {
  /** Position, or version of a stream, after which it starts. */
  readonly after: number;
  readonly limit: number;
}

/** Everything that can be asked of the log. */
export type InspectionJob =
  | ({ readonly kind: 'state'; readonly version: number | undefined } & StreamName)
  | ({ readonly kind: 'diff'; readonly from: number; readonly to: number } & StreamName)
  | { readonly kind: 'dryRun'; readonly message: CommandMessage }
  | ({ readonly kind: 'snapshot' } & StreamName)
  | ({
      readonly kind: 'log';
      readonly aggregate: string | undefined;
      readonly type: string | undefined;
    } & EventsQuery)
  | ({ readonly kind: 'stream' } & StreamName & EventsQuery);

/** What comes of it. */
export interface JobResults {
  state: FoldedState | undefined;
  diff: { readonly from: FoldedState; readonly to: FoldedState };
  dryRun: DryRunAnswer;
  snapshot: { readonly version: number } | undefined;
  log: EventsFound;
  stream: EventsFound;
}

/** A state that was folded from the log. */
export interface FoldedState {
  readonly version: number;
  /** JSON text. */
  readonly state: string;
  /** The event at that version; undefined at version 0. */
  readonly event: FoldedEvent | undefined;
  /** Version of the snapshot that the fold began with; 0 = the very beginning. */
  readonly snapshotVersion: number;
  /** Events that were folded. */
  readonly replayed: number;
}

/** The event that a state was reached by. Times are Unix milliseconds. */
export interface FoldedEvent {
  readonly type: string;
  readonly position: number;
  readonly commandId: string;
  readonly occurredAt: number;
  readonly recordedAt: number;
}

/** What a command would have led to. */
export interface DryRunAnswer {
  /** Version that it was decided on. */
  readonly version: number;
  readonly answer: Answer;
}

/** Events, and where to go on. */
export interface EventsFound {
  readonly events: readonly ReadEvent[];
  /** Everything up to here was looked at. */
  readonly next: number;
  /** There is nothing after `next` now. */
  readonly isEnd: boolean;
}

/** Does jobs, in whichever thread. Rejects with `TroupeError`s. */
export interface JobRunner {
  run<Job extends InspectionJob>(job: Job): Promise<JobResults[Job['kind']]>;
  close(): Promise<void>;
}
