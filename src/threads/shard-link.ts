import type { MessagePort } from 'node:worker_threads';
import type { Quarantine } from '../store/operations.js';
import type { Writer } from '../store/store.js';
import type { FromShard, ToShard } from './protocol.js';

/** What the host hears from one start of a shard. */
export interface LinkEvents {
  message(message: FromShard): void;
  /** The shard is gone: nothing more will be heard of it. Not called after `close`. */
  died(cause: Error): void;
}

/** The host's end of the line to one start of a shard. */
export interface ShardLink {
  post(message: ToShard, transfer?: readonly MessagePort[]): void;
  /** Number of its thread; undefined where it has none of its own. */
  readonly thread?: number | undefined;
  /** Ends the shard, whether it answers or not. */
  close(): Promise<void>;
}

/** Starts a shard and returns the line to it. */
export type OpenLink = (start: StartedShard, events: LinkEvents) => ShardLink;

/** Opens links; where starting takes time, some may be made ready before. */
export interface Links {
  readonly open: OpenLink;
  prepare?(count: number): void;
  discard?(): Promise<void>;
}

/** What distinguishes one start of a shard from another: plain data. */
export interface StartedShard {
  readonly index: number;
  readonly writer: Writer;
  readonly slots: SharedArrayBuffer;
  /** Memory of the shard's figures; outlives its thread. */
  readonly figures: SharedArrayBuffer;
  /** Streams that operators keep commands from. */
  readonly quarantined?: readonly Quarantine[];
}
