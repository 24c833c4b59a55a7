import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 10;

/**
 * Asks `check` every 10 ms until it says yes. Returns whether it did within `deadlineMs`; it is asked
 * at least once.
 */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<boolean> {
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    if (await check()) return true;
    if (performance.now() >= endsAt) return false;
    await delay(pollMs);
  }
}

/** The same without giving up the thread: for the `exit` event, after which nothing asynchronous runs. */
export function waitUntilSync(check: () => boolean, deadlineMs: number): boolean {
  const endsAt = performance.now() + deadlineMs;
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    if (check()) return true;
    if (performance.now() >= endsAt) return false;
    Atomics.wait(never, 0, 0, pollMs);
  }
}
