import { vi } from 'vitest';

/** Until a look no longer throws, or for long enough on a busy machine; resolves to what it has seen. */
export function eventually<T>(look: () => T | Promise<T>, intervalMs = 10): Promise<T> {
  return vi.waitFor(look, { timeout: 25_000, interval: intervalMs });
}
