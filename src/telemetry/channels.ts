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

/** A request over HTTP; the same object for all that is published of it. */
export interface RequestTrace {
  readonly method: string;
  /** Pattern of the route: `/api/:aggregate/:id/:command`. */
  readonly route: string;
  /** W3C trace context of the client. A subscriber of `start` may set it: its command then has it. */
  traceparent: string | undefined;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** From here on set when it is answered. */
  status?: number;
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

/** One attempt of a subscription at a batch. */
export interface BatchRecord {
  readonly subscription: string;
  /** `parked`: its one event failed too often, and its stream waits from now on. */
  readonly result: 'handled' | 'failed' | 'parked';
  /** Stored events; of one that failed, those that were tried. */
  readonly events: number;
  /** Of the first and the last event. */
  readonly positions: readonly [number, number];
  /** Attempts at it, from 1. */
  readonly attempt: number;
  /** Code of the error, or its name. */
  readonly error: string | undefined;
  /** W3C trace contexts of its events, each once, at most 100. */
  readonly traceparents: readonly string[];
  /** From when the last event was stored until it was handled. */
  readonly delaySeconds: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationSeconds: number;
}

/** One step of a saga, once its commands are sent and their outcomes are stored. */
export interface SagaStepRecord {
  readonly saga: string;
  readonly id: string;
  /** From 1. */
  readonly step: number;
  /** What the step was an answer to. */
  readonly input: string;
  readonly became: string;
  readonly status: string;
  /** Commands and effects that it asked for. */
  readonly commands: number;
  readonly effects: number;
  /** W3C trace context of what caused it. */
  readonly traceparent: string | undefined;
  /** The instance's time, Unix milliseconds. */
  readonly at: number;
}

/** One attempt to fire a timer. */
export interface TimerRecord {
  /** Name of the streams that arm it. */
  readonly source: string;
  readonly id: string;
  readonly key: string;
  /** `retried`: it failed, and is tried again; `failed`: it waits for a new start. */
  readonly result: 'fired' | 'retried' | 'failed';
  readonly attempt: number;
  /** Unix milliseconds. */
  readonly dueAt: number;
  /** From when it was due until it was sent. */
  readonly lateSeconds: number;
  /** Until its command was decided. */
  readonly durationSeconds: number;
}

/** Records of the channels that the processor publishes on, by their names. */
export interface FeedRecords {
  batch: BatchRecord;
  sagaStep: SagaStepRecord;
  timer: TimerRecord;
}

export type FeedChannel = keyof FeedRecords;

/** Records of the channels that shards publish on, by the last part of the channel's name. */
export interface ShardRecords {
  append: AppendRecord;
  recovery: RecoveryRecord;
  snapshot: SnapshotRecord;
}

export type ShardChannel = keyof ShardRecords;

/** Calls, in the host: `start`, `end`, then `asyncStart` and `asyncEnd` when settled; `error` before these
 * for what is refused, failed or unknown. */
export const commandChannel: TracingChannel<CommandTrace, CommandTrace> =
  tracingChannel('troupe:command');

/** Requests of the routes of `troupe/http`, in the host: `start`, `end`, then `asyncStart` and `asyncEnd` when answered. */
export const requestChannel: TracingChannel<RequestTrace, RequestTrace> =
  tracingChannel('troupe:request');

/** In the thread of each shard; records reach the same channels of the host while it has subscribers. */
export const shardChannels: Readonly<Record<ShardChannel, Channel>> = {
  append: channel('troupe:append'),
  recovery: channel('troupe:recovery'),
  snapshot: channel('troupe:snapshot'),
};

/** In the thread of the processor; records reach the same channels of the host while it has subscribers. */
export const feedChannels: Readonly<Record<FeedChannel, Channel>> = {
  batch: channel('troupe:batch'),
  sagaStep: channel('troupe:saga-step'),
  timer: channel('troupe:timer'),
};

const BITS: Readonly<Record<ShardChannel | FeedChannel, number>> = {
  ...{ append: 1, recovery: 2, snapshot: 4 },
  ...{ batch: 1, sagaStep: 2, timer: 4 },
};

/** The shard channels that have subscribers in this thread, as a set of bits. */
export function subscribedChannels(): number {
  const { append, recovery, snapshot } = shardChannels;
  return (
    (append.hasSubscribers ? BITS.append : 0) |
    (recovery.hasSubscribers ? BITS.recovery : 0) |
    (snapshot.hasSubscribers ? BITS.snapshot : 0)
  );
}

/** The processor's channels that have subscribers in this thread, as a set of bits. */
export function subscribedFeedChannels(): number {
  const { batch, sagaStep, timer } = feedChannels;
  return (
    (batch.hasSubscribers ? BITS.batch : 0) |
    (sagaStep.hasSubscribers ? BITS.sagaStep : 0) |
    (timer.hasSubscribers ? BITS.timer : 0)
  );
}

/** Whether a set of bits names a channel. */
export function namesChannel(bits: number, name: ShardChannel | FeedChannel): boolean {
  return (bits & BITS[name]) !== 0;
}
