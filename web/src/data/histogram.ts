import type { Bucket } from './answers.js';

/** What was counted between two readings of a histogram that only grows. */
export function grownBy(before: readonly Bucket[], after: readonly Bucket[]): readonly Bucket[] {
  const counted = new Map(before.map(({ from, count }) => [from, count]));
  return after.flatMap((bucket) => {
    const count = bucket.count - (counted.get(bucket.from) ?? 0);
    return count > 0 ? [{ ...bucket, count }] : [];
  });
}

/** Several histograms of the same kind as one. */
export function together(all: readonly (readonly Bucket[])[]): readonly Bucket[] {
  const sums = new Map<number, Bucket>();
  for (const bucket of all.flat()) {
    const { count = 0 } = sums.get(bucket.from) ?? {};
    sums.set(bucket.from, { ...bucket, count: count + bucket.count });
  }
  return [...sums.values()].sort((a, b) => a.from - b.from);
}

/** The value below which this part of all values lies; undefined if there are none. */
export function quantile(buckets: readonly Bucket[], part: number): number | undefined {
  const rank = part * buckets.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  for (const { from, below, count } of buckets) {
    if (before + count >= rank) return from + ((below - from) * (rank - before)) / count;
    before += count;
  }
  return undefined;
}
