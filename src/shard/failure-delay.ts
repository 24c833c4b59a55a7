import { type Backoff, backoffMs } from '../internal/backoff.js';

const FAILURE_BACKOFF: Backoff = { firstMs: 50, maxMs: 5000 };
/** Failures in a row after which an actor is backed off. */
const PATIENCE = 3;

/** How long an actor rests whose code has failed so many times in a row. */
export function failureDelayMs(failures: number): number {
  return failures <= PATIENCE ? 0 : backoffMs(FAILURE_BACKOFF, failures - PATIENCE);
}
