import type { Answer } from '../messages/answer.js';
import type { EventRow } from '../messages/event.js';

/** Something an operator may want to know. */
export interface Notice {
  readonly kind: 'degraded' | 'recovered' | 'error' | 'warning';
  readonly message: string;
  readonly cause: unknown;
}

/** A command that is not waited for any longer. */
export interface GivenUp {
  readonly ref: number;
  readonly reason: string;
}

/** A batch that was stored. */
export interface StoredBatch {
  readonly rows: readonly EventRow[];
  /** In the order of the rows. */
  readonly positions: readonly number[];
  /** Unix milliseconds. */
  readonly recordedAt: number;
  /** Server on which it was stored. */
  readonly incarnation: string;
}

/** Where a shard's answers and notices go. */
export interface ShardOutput {
  answer(answer: Answer): void;
  /** Nothing more will be said of this command, and what becomes of it is not known. */
  giveUp(command: GivenUp): void;
  notice(notice: Notice): void;
  /** A batch with events was stored; called before its answers leave. */
  stored(batch: StoredBatch): void;
  /** A batch was not stored, or it is not known; called again when it is. */
  notStored?(): void;
}
