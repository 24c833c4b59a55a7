import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addHistogram,
  bucketOf,
  HISTOGRAM_CELLS,
  lowerBound,
  readHistogram,
  recordValue,
} from '../../src/telemetry/histogram.js';

const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1 });

function histogramOf(recorded: readonly number[], at = 0): Float64Array {
  const cells = new Float64Array(at + HISTOGRAM_CELLS);
  for (const value of recorded) recordValue(cells, at, value);
  return cells;
}

describe('a histogram', () => {
  it('puts every value into a bucket that is at most an eighth of it wide', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
        const [from, below] = [lowerBound(bucketOf(value)), lowerBound(bucketOf(value) + 1)];
        expect(from).toBeLessThanOrEqual(value);
        expect(below).toBeGreaterThan(value);
        expect(below - from).toBeLessThanOrEqual(Math.max(1, value / 8));
      }),
    );
  });

  it('has powers of two for bounds, so that coarser buckets can be made of it', () => {
    for (let power = 0; power < 31; power++)
      expect(lowerBound(bucketOf(2 ** power))).toBe(2 ** power);
  });

  it('knows count, sum and highest exactly, and quantiles to an eighth', () => {
    fc.assert(
      fc.property(values, (recorded) => {
        const { count, sum, max, p50, p99 } = readHistogram(histogramOf(recorded), 0, 1);
        expect([count, sum, max]).toEqual([
          recorded.length,
          recorded.reduce((total, value) => total + value, 0),
          Math.max(...recorded),
        ]);
        const sorted = [...recorded].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(sorted.length / 2) - 1]!;
        expect(p50).toBeGreaterThanOrEqual(exact - exact / 8 - 1);
        expect(p50).toBeLessThanOrEqual(exact + exact / 8 + 1);
        expect(p99).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('is the same, added from parts or recorded as a whole', () => {
    fc.assert(
      fc.property(values, values, (some, others) => {
        const sum = histogramOf(some);
        addHistogram(sum, histogramOf(others), 0);
        expect(sum).toEqual(histogramOf([...some, ...others]));
      }),
    );
  });

  it('touches no cell of another', () => {
    const cells = histogramOf([0, 5, 2 ** 40], 3);
    expect([...cells.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(readHistogram(cells, 3, 1)).toMatchObject({ count: 3, max: 2 ** 40, sum: 2 ** 40 + 5 });
  });

  it('is read in the unit of its metric', () => {
    const { sum, max, buckets } = readHistogram(histogramOf([4, 4]), 0, 1e-6);
    expect({ sum, max, buckets }).toEqual({
      ...{ sum: 8 * 1e-6, max: 4 * 1e-6 },
      buckets: [{ from: 4 * 1e-6, below: 5 * 1e-6, count: 2 }],
    });
  });

  it('is all zeros as long as nothing was recorded', () => {
    const empty = { count: 0, sum: 0, max: 0, p50: 0, p90: 0, p99: 0, buckets: [] };
    expect(readHistogram(histogramOf([]), 0, 1)).toEqual(empty);
  });
});
