import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../internal/backoff.js';
import { isOwnedByAnother } from '../store/ownership.js';

const RETRY = { firstMs: 20, maxMs: 2000 };

/** Tries `work` until it succeeds; throws once `signal` was aborted or another
 * process owns the log. */
export async function insist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || isOwnedByAnother(error)) throw error;
      await backOff(attempt, signal);
    }
  }
}

/** Waits before retry number `attempt` (from 1). Ends at once, by throwing, when `signal` is aborted. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await pause(backoffMs(RETRY, attempt), undefined, { signal });
}
