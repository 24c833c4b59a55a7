import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when `work` has ended, well or not, or `ms` milliseconds are over. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const end = new AbortController();
  const time = pause(ms, undefined, { signal: end.signal, ref: false });
  await Promise.race([work, time]).catch(() => undefined);
  end.abort();
  await time.catch(() => undefined);
}
