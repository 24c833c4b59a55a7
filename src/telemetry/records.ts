import type { FeedChannel, FeedRecords, ShardChannel, ShardRecords } from './channels.js';
import type { LogRecord } from './log.js';

/** What a shard sends to the host for its channels and its logger. Plain data. */
export type TelemetryRecord =
  | {
      readonly channel: ShardChannel;
      readonly record: ShardRecords[ShardChannel];
    }
  | { readonly log: LogRecord };

/** What the processor sends to the host for its channels. Plain data. */
export interface FeedRecord {
  readonly channel: FeedChannel;
  readonly record: FeedRecords[FeedChannel];
}

/** What the host wants to hear of a shard. Plain data. */
export interface Interest {
  /** Channels that have subscribers, as bits. */
  readonly channels: number;
  /** Index of the least important level that is logged. */
  readonly level: number;
}
