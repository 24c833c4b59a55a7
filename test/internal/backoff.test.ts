import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/internal/backoff.js';

describe('the wait before a retry', () => {
  const backoff = { firstMs: 100, maxMs: 1000 };

  it('doubles up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(backoff, attempt, 1))).toEqual([
      ...[100, 200, 400, 800, 1000, 1000],
    ]);
    expect(backoffMs(backoff, 10_000, 1)).toBe(1000);
  });

  it('is at least half of that, as chance will have it', () => {
    expect(backoffMs(backoff, 3, 0)).toBe(200);
    expect(backoffMs(backoff, 3, 0.5)).toBe(300);
    for (let i = 0; i < 100; i++) {
      expect(backoffMs(backoff, 3)).toBeGreaterThanOrEqual(200);
      expect(backoffMs(backoff, 3)).toBeLessThan(400);
    }
  });
});
