import type { Reply } from '../messages/answer.js';
import type { Metadata } from '../messages/command.js';

/** A command of the runtime's own: an input of a saga, a command that a saga sends, a timer that fires. */
export interface OwnCall {
  /** Name of the streams in the log. */
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  /** Idempotency key, or empty for a command that may run again. */
  readonly key: string;
  /** Unix milliseconds. Default: now. */
  readonly occurredAt?: number;
  readonly metadata: Metadata;
  /** See `CommandMessage.keepsAll`. */
  readonly keepsAll: boolean;
  /** Version that the stream must have; else it is refused as `VersionConflict`. Default: any. */
  readonly expectedVersion?: number;
  /** Whether the answer shall carry the state. Default false. */
  readonly wantsState?: boolean;
}

/** Sends a command and tells what became of it; never rejects but for what cannot be sent at all. */
export type Ask = (call: OwnCall) => Promise<Reply>;
