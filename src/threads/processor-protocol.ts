import type { MessagePort } from 'node:worker_threads';
import type { BuildRecord } from '../dispatcher/build-guard.js';
import type { Operation } from '../dispatcher/subscription.js';
import type { RebuildProgress, SubscriptionStatus } from '../dispatcher/subscription-status.js';
import type { CommandMessage } from '../messages/command.js';
import type { PlainError } from '../messages/plain-error.js';
import type { Sending } from '../messages/sending.js';
import type { PostgresOptions } from '../postgres/options.js';
import type { IndexOptions } from '../store/indexes.js';
import type { FeedRecord, Interest } from '../telemetry/records.js';
import type { RelayReply } from './command-relay.js';
import type { PlainNotice } from './protocol.js';

/** Something asked of a subscription beside its batches. Plain data. */
export interface OperationRequest {
  readonly ref: number;
  readonly name: string;
  readonly operation: Operation;
}

/** How an operation goes on, or has ended. */
export interface OperationNews {
  readonly ref: number;
  readonly progress?: RebuildProgress;
  /** It has ended, with this error or well. */
  readonly ended?: true;
  readonly error?: PlainError;
}

/** Host to processor. */
export interface ToProcessor {
  /** The log may have grown: to this position, or nobody knows how far (0). */
  readonly wake?: number;
  /** An operator has asked for something. */
  readonly poke?: true;
  readonly operate?: OperationRequest;
  /** Ends an operation. */
  readonly cancel?: number;
  /** To commands that it has relayed. */
  readonly replies?: readonly RelayReply[];
  /** A line from a shard, which pushes on it what it commits. Transferred. */
  readonly line?: MessagePort;
  /** Who listens in the host has changed. */
  readonly listen?: Interest;
  /** Records that the host has taken. */
  readonly heard?: number;
  readonly stop?: true;
}

/** Processor to host. */
export interface FromProcessor {
  readonly ready?: true;
  /** Those that have changed. */
  readonly statuses?: readonly SubscriptionStatus[];
  readonly notices?: readonly PlainNotice[];
  readonly operation?: OperationNews;
  /** To be sent on. */
  readonly commands?: readonly CommandMessage[];
  /** For the channels of the host. */
  readonly records?: readonly FeedRecord[];
  readonly stopped?: true;
  /** It could not start. */
  readonly failed?: PlainError;
}

/** What distinguishes one start of the processor from another. Plain data. */
export interface StartedProcessor {
  readonly owner: string;
  readonly leaseMs: number;
  readonly slots: SharedArrayBuffer;
  /** Memory of the figures of each consumer; outlives its thread. */
  readonly figures: readonly SharedArrayBuffer[];
  /** What the builds of each consumer have come to before. */
  readonly builds: readonly (BuildRecord | undefined)[];
}

/** What a processor thread is told at its start, beside its port. Plain data. */
export interface ProcessorTask extends StartedProcessor {
  readonly domain: string;
  readonly store: PostgresOptions;
  readonly sending: Sending;
  readonly indexes: IndexOptions;
  /** Number of consumers: each may have a batch under way. */
  readonly consumers: number;
}

/** A processor's end of its port, in a thread or in the host. */
export interface ProcessorPort {
  post(message: FromProcessor): void;
  onMessage(handle: (message: ToProcessor) => void): void;
}

/** The host's end of the line to one start of the processor. */
export interface ProcessorLink {
  post(message: ToProcessor, transfer?: readonly MessagePort[]): void;
  /** Ends it, whether it answers or not; resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

/** Starts a processor and returns the line to it. */
export type OpenProcessor = (
  start: StartedProcessor,
  events: {
    message(message: FromProcessor): void;
    /** It is gone: nothing more will be heard of it. Not called after `close`. */
    died(cause: Error): void;
  },
) => ProcessorLink;
