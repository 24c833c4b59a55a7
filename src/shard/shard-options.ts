import type { Clock } from '../internal/clock.js';
import type { JsonLimits } from '../internal/json.js';
import type { BatchLimits } from './batch.js';

/** Resolved settings of one shard: plain data. */
export interface ShardOptions {
  readonly batch: BatchLimits;
  readonly lockTimeoutMs: number;
  /** Commands that may wait for one actor. */
  readonly mailboxSize: number;
  /** Times a command may be decided again because its stream had moved on. */
  readonly maxConflicts: number;
  /** See `NewStreams`. Default 100. */
  readonly newStreamsAfter?: number;
  /** An actor idle for longer leaves memory. */
  readonly idleMs: number;
  /** Used heap of the thread above which idle actors leave. */
  readonly heapBytes: number;
  readonly limits: JsonLimits;
  readonly freezeState: boolean;
  /** How long an outcome is kept; Infinity = for ever. */
  readonly keepOutcomesMs: number;
}

/** What a shard is given beside its options. */
export interface ShardSetup {
  readonly options: ShardOptions;
  readonly clock: Clock;
}
