/** A retry schedule: exponential from `firstMs` to `maxMs`, with full jitter in the upper half. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait before retry number `attempt` (from 1). `random` is in [0, 1). */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  random: number = Math.random(),
): number {
  const ceiling = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (ceiling / 2) * random;
}
