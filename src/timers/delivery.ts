import type { RetryOptions } from '../dispatcher/failure.js';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import { passes, type RefusalCode } from '../messages/errors.js';

/** What becomes of a timer whose command was not decided. */
export type DeliveryVerdict =
  | { readonly kind: 'again'; readonly afterMs: number }
  /** It is not sent any more, until somebody starts who may have the bug mended. */
  | { readonly kind: 'giveUp' };

const PASSING_RETRY: Backoff = { firstMs: 50, maxMs: 5000 };
/** How often a command that fails is sent, unless it is said otherwise: for about 15 s. */
export const FIRING_RETRY: RetryOptions = { attempts: 8, firstMs: 200, maxMs: 5000 };

/** Judges the error of a firing, for the so-many-th time. One of unknown outcome is sent again: its key makes it one. */
export function judgeDelivery(
  error: unknown,
  attempt: number,
  retry: RetryOptions,
): DeliveryVerdict {
  const { code, outcome } = (error ?? {}) as { code?: unknown; outcome?: unknown };
  const isPassing = code === 'StoreUnavailable' || passes(code as RefusalCode);
  if (outcome === 'unknown' || isPassing)
    return { kind: 'again', afterMs: backoffMs(PASSING_RETRY, attempt) };
  if (attempt >= retry.attempts) return { kind: 'giveUp' };
  return { kind: 'again', afterMs: backoffMs(retry, attempt) };
}
