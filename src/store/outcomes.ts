import type { Rejection } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';

/** A command with an idempotency key. */
export interface KeyedCommand {
  readonly aggregate: string;
  readonly id: string;
  readonly key: string;
}

/** One string for (aggregate, id, key), unambiguous because none of them may contain a zero character. */
export function outcomeKey({ aggregate, id, key }: KeyedCommand): string {
  return `${aggregate}\0${id}\0${key}`;
}

/** The first outcome of a key, as it is stored. */
export interface StoredOutcome extends KeyedCommand {
  /** Hash of the canonical JSON of the command's type and data. */
  readonly hash: string;
  readonly commandId: string;
  /** Version before the command's first event. */
  readonly fromVersion: number;
  /** Version after its last event; equal to `fromVersion` for a no-op or a rejection. */
  readonly toVersion: number;
  /** JSON text of the rejection or failure, see `readVerdict`; `undefined` if it was accepted. */
  readonly rejection: string | undefined;
}

/** An outcome to be stored with the append that decided it. */
export interface OutcomeRow extends StoredOutcome {
  /** Milliseconds after which the key is free again; Infinity = never. */
  readonly keepMs: number;
}

/** A command that failed, as it is kept for who must get the same answer again. */
export interface KeptFailure {
  readonly message: string;
  readonly details: object;
  readonly cause: PlainError | undefined;
}

/** What an outcome that was not accepted says. */
export type KeptVerdict =
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | ({ readonly kind: 'failed' } & KeptFailure);

export function rejectionText({ rejection }: { readonly rejection: Rejection }): string {
  return JSON.stringify(rejection);
}

export function failureText({ message, details, cause }: KeptFailure): string {
  return JSON.stringify({ failed: { message, details, cause } });
}

/** Reads what `rejectionText` or `failureText` wrote. */
export function readVerdict(text: string): KeptVerdict {
  const kept = JSON.parse(text) as Rejection | { readonly failed: KeptFailure };
  if (!('failed' in kept)) return { kind: 'rejected', rejection: kept };
  const { message, details, cause } = kept.failed;
  return { kind: 'failed', message, details, cause };
}
