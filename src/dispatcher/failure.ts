import { isRefusal, isTroupeError, passes, SetupError, TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';

/** How a failed batch is tried again. */
export interface RetryOptions {
  /** Attempts at a batch of several events, and at a single one, before it is made smaller or parked. */
  readonly attempts: number;
  /** Wait before the second attempt; it doubles from there, with jitter. Milliseconds. */
  readonly firstMs: number;
  readonly maxMs: number;
}

export const DEFAULT_RETRY: RetryOptions = { attempts: 4, firstMs: 100, maxMs: 5000 };

/** What follows a failure. */
export type Verdict =
  /** Nobody's fault: the same again, for as long as it takes. */
  | 'wait'
  /** Another owns the subscription by now. */
  | 'lost'
  | 'again'
  | 'halve'
  | 'park';

/** Decides what follows the failure of a batch of `size` events at attempt number `attempt`, from 1. */
export function verdictOn(
  error: unknown,
  { size, attempt, isNarrowed }: { size: number; attempt: number; isNarrowed: boolean },
  { attempts }: RetryOptions,
): Verdict {
  if (codeOf(error) === 'LeaseLost') return 'lost';
  if (isPassing(error)) return 'wait';
  if (size > 1) return isNarrowed || attempt >= attempts ? 'halve' : 'again';
  return attempt >= attempts ? 'park' : 'again';
}

/**
 * The database cannot serve, or a command that a handler sent was not taken, or its outcome is not known
 * yet: its key makes sending it again safe. But a session that the database ended because the consumer idled in it is
 * the consumer's fault.
 */
function isPassing(error: unknown): boolean {
  if (isTroupeError(error, 'OutcomeUnknown')) return true;
  if (isRefusal(error)) return passes(error.code);
  if (codeOf(error) !== 'StoreUnavailable') return false;
  return codeOf((error as Error).cause) !== IDLE_IN_TRANSACTION;
}

const IDLE_IN_TRANSACTION = '25P03';

export function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}

/** The log does not hold what a checkpoint says: it was restored to an earlier time, or is another one. */
export function checkpointLost(name: string, position: number): TroupeError {
  return new TroupeError(
    'CheckpointLost',
    `The subscription ${name} has handled the log up to position ${position}, and the log does not hold that event: it was restored to an earlier time, or lost its end in a failover. What it has written may come from events that are gone. Restore or rebuild what it writes, then resume it at the position that this is at`,
    { name, position },
  );
}

/** Other code runs a subscription of this name. */
export function codeDiffers(
  name: string,
  code: { version: number },
  row: { version: number },
): TroupeError {
  if (row.version > code.version)
    return new TroupeError(
      'SubscriptionOutdated',
      `The subscription ${name} is run by newer code: expected version ${row.version}, got ${code.version}. This process leaves it alone`,
      { name, expected: row.version, given: code.version },
    );
  return new TroupeError(
    'SubscriptionChanged',
    `The subscription ${name} was changed and still has version ${code.version}: expected the fingerprint that the database knows for it, got another one. Raise its version`,
    { name, version: code.version },
  );
}

/** What was asked of a subscription is not what it can do. */
export function notSupported(name: string, asked: string, expected: string): SetupError {
  return new SetupError('NotSupported', `${name}: ${asked}: expected ${expected}`, { name, asked });
}

/** Says that a stream is parked, for an event of it. */
export function cannotHandle(
  name: string,
  { aggregate, id, version, type, position }: StoredEvent,
): string {
  const which = `${aggregate}/${id} at version ${version} (${type}, position ${position})`;
  return `${name} cannot handle ${which}, and its stream is parked`;
}

/** What is known in memory is not what the database says: everything is read anew. */
export function outdated(name: string): TroupeError {
  return new TroupeError('LeaseLost', `What is known of ${name} in memory is out of date`, {
    name,
  });
}
