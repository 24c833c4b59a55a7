import {
  type Channel,
  channel,
  type TracingChannel,
  tracingChannel,
} from 'node:diagnostics_channel';
import type { APPEND_RESULTS } from './metrics.js';

/*
 * What subscribers of `diagnostics_channel` hear. Names and ids, sizes and times; never payloads. Nothing
 * is built while nobody listens.
 */

/** A call under way; the same object for all that is published of it. */
export interface CommandTrace {
  readonly aggregate: string;
  readonly id: string;
  /** Type of the command; `$state` for a query for the state. */
  readonly type: string;
  readonly commandId: string;
  readonly correlationId: string;
  /** W3C trace context of the caller, if its metadata has one. A subscriber of `start` may set it: it is
   * then stored with the events. */
  traceparent: string | undefined;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** From here on set when it is settled. */
  outcome?: 'accepted' | 'rejected' | 'refused' | 'failed' | 'unknown' | 'state';
  /** Code of a rejection or refusal. */
  code?: string;
  version?: number;
  position?: number;
  /** Number of events. */
  events?: number;
  deduplicated?: boolean;
  durationSeconds?: number;
}

/** One attempt to append a batch. */
export interface AppendRecord {
  readonly shard: number;
  readonly result: (typeof APPEND_RESULTS)[number];
  readonly events: number;
  /** Bytes of data and metadata, as characters of their JSON text. */
  readonly bytes: number;
  readonly commandIds: readonly string[];
  /** Of the first and the last event; undefined unless events were stored. */
  readonly positions: readonly [number, number] | undefined;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationSeconds: number;
}

/** One actor that was loaded, or brought up to date after it was cut out of a batch. */
export interface RecoveryRecord {
  readonly shard: number;
  readonly aggregate: string;
  readonly id: string;
  readonly kind: 'cold' | 'catchUp';
  readonly result: 'activated' | 'unreadable';
  /** Version of the snapshot it started from; 0 = none. */
  readonly snapshotVersion: number;
  /** Version it stands at. */
  readonly version: number;
  /** Events replayed. */
  readonly events: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationSeconds: number;
}

/** One write of snapshots. */
export interface SnapshotRecord {
  readonly shard: number;
  readonly result: 'written' | 'failed';
  readonly streams: readonly {
    readonly aggregate: string;
    readonly id: string;
    readonly version: number;
    readonly bytes: number;
  }[];
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationSeconds: number;
}

/** Records of the channels that shards publish on, by the last part of the channel's name. */
export interface ShardRecords {
  append: AppendRecord;
  recovery: RecoveryRecord;
  snapshot: SnapshotRecord;
}

export type ShardChannel = keyof ShardRecords;

/** Calls, in the host: `start`, `end`, then `asyncStart` and `asyncEnd` when settled; `error` before these
 * for what is refused, failed or unknown. */
export const commandChannel: TracingChannel<string, CommandTrace> =
  tracingChannel('troupe:command');

/** In the thread of each shard; records reach the same channels of the host while it has subscribers. */
export const shardChannels: Readonly<Record<ShardChannel, Channel>> = {
  append: channel('troupe:append'),
  recovery: channel('troupe:recovery'),
  snapshot: channel('troupe:snapshot'),
};

const BITS: Readonly<Record<ShardChannel, number>> = { append: 1, recovery: 2, snapshot: 4 };

/** The shard channels that have subscribers in this thread, as a set of bits. */
export function subscribedChannels(): number {
  const { append, recovery, snapshot } = shardChannels;
  return (
    (append.hasSubscribers ? BITS.append : 0) |
    (recovery.hasSubscribers ? BITS.recovery : 0) |
    (snapshot.hasSubscribers ? BITS.snapshot : 0)
  );
}

/** Whether a set of bits names a channel. */
export function namesChannel(bits: number, name: ShardChannel): boolean {
  return (bits & BITS[name]) !== 0;
}
