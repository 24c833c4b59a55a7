import type { SubscriptionStatus } from '../dispatcher/subscription-status.js';
import type { PlainError } from '../messages/plain-error.js';
import type { PostgresOptions } from '../postgres/options.js';
import type { IndexOptions } from '../store/indexes.js';
import type { PlainNotice } from './protocol.js';

/** Host to processor. */
export interface ToProcessor {
  /** The log may have grown: to this position, or nobody knows how far (0). */
  readonly wake?: number;
  /** An operator has asked for something. */
  readonly poke?: true;
  readonly stop?: true;
}

/** Processor to host. */
export interface FromProcessor {
  readonly ready?: true;
  /** Those that have changed. */
  readonly statuses?: readonly SubscriptionStatus[];
  readonly notices?: readonly PlainNotice[];
  readonly stopped?: true;
  /** It could not start. */
  readonly failed?: PlainError;
}

/** What distinguishes one start of the processor from another. Plain data. */
export interface StartedProcessor {
  readonly owner: string;
  readonly leaseMs: number;
  readonly slots: SharedArrayBuffer;
}

/** What a processor thread is told at its start, beside its port. Plain data. */
export interface ProcessorTask extends StartedProcessor {
  readonly domain: string;
  readonly store: PostgresOptions;
  readonly indexes: IndexOptions;
}

/** A processor's end of its port, in a thread or in the host. */
export interface ProcessorPort {
  post(message: FromProcessor): void;
  onMessage(handle: (message: ToProcessor) => void): void;
}

/** The host's end of the line to one start of the processor. */
export interface ProcessorLink {
  post(message: ToProcessor): void;
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
