import type { InspectionJob } from '../inspection/inspection-jobs.js';
import type { JsonLimits } from '../internal/json.js';
import type { PlainError } from '../messages/plain-error.js';
import type { PostgresOptions } from '../postgres/options.js';

/** What an inspection thread is started with. Plain data. */
export interface InspectionTask {
  readonly domain: string;
  readonly store: PostgresOptions;
  readonly limits: JsonLimits;
  readonly freezeState: boolean;
  /** Where its heartbeats are counted. */
  readonly slots: SharedArrayBuffer;
}

/** Host to inspection thread. */
export interface ToInspection {
  readonly ref?: number;
  readonly job?: InspectionJob;
  readonly stop?: true;
}

/** Inspection thread to host. */
export interface FromInspection {
  readonly ref?: number;
  readonly result?: unknown;
  readonly failure?: PlainError;
  /** It could not start. */
  readonly failed?: PlainError;
  readonly stopped?: true;
}
