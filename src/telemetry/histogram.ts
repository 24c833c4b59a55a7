/*
 * A histogram in a few cells of an array: sum, highest value, and the counts of log-linear buckets. Values
 * are whole numbers; each power of two is cut into eight buckets, so that a value is known to 12.5 %.
 *
 *   cell 0 sum | cell 1 highest | cells 2.. counts of [0] [1] ... [7] [8] ... [15] [16,17] [18,19] ...
 */
const STEPS = 8;
const STEP_BITS = 3;
const SUM = 0;
const HIGHEST = 1;
const COUNTS = 2;
/** Larger values are counted as this one; sum and highest stay true. */
const LARGEST = 2 ** 31 - 1;
const BUCKETS = bucketOf(LARGEST) + 1;

/** Cells that one histogram takes. */
export const HISTOGRAM_CELLS = COUNTS + BUCKETS;

/** What a histogram holds, in the unit of its metric. */
export interface HistogramReading {
  /** Values recorded. */
  readonly count: number;
  readonly sum: number;
  /** The highest one, exactly. 0 if there is none. */
  readonly max: number;
  /** Half of the values are at most this; within 12.5 %. 0 if there is none, as for the others. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** Buckets that are not empty, lowest first: `count` values lie in `from` (included) to `below` (not). */
  readonly buckets: readonly HistogramBucket[];
}

/** One bucket. All powers of two of the metric's smallest unit are bounds of buckets. */
export interface HistogramBucket {
  readonly from: number;
  readonly below: number;
  readonly count: number;
}

/** The bucket of a whole number from 0 to 2^31 - 1. */
export function bucketOf(value: number): number {
  if (value < STEPS) return value;
  const exponent = 31 - Math.clz32(value);
  return (
    ((exponent - STEP_BITS + 1) << STEP_BITS) + ((value >>> (exponent - STEP_BITS)) & (STEPS - 1))
  );
}

/** The lowest value of a bucket. */
export function lowerBound(bucket: number): number {
  if (bucket < STEPS) return bucket;
  return (STEPS + (bucket & (STEPS - 1))) * 2 ** ((bucket >> STEP_BITS) - 1);
}

/** Counts a value, not below 0, in the histogram that starts at cell `at`. */
export function recordValue(cells: Float64Array, at: number, value: number): void {
  cells[at + SUM] = (cells[at + SUM] ?? 0) + value;
  if (value > (cells[at + HIGHEST] ?? 0)) cells[at + HIGHEST] = value;
  const bucket = at + COUNTS + bucketOf(value < LARGEST ? Math.trunc(value) : LARGEST);
  cells[bucket] = (cells[bucket] ?? 0) + 1;
}

/** Adds the histogram at cell `at` of one array to that of another. */
export function addHistogram(to: Float64Array, from: Float64Array, at: number): void {
  to[at + SUM] = (to[at + SUM] ?? 0) + (from[at + SUM] ?? 0);
  to[at + HIGHEST] = Math.max(to[at + HIGHEST] ?? 0, from[at + HIGHEST] ?? 0);
  for (let cell = at + COUNTS; cell < at + HISTOGRAM_CELLS; cell++)
    to[cell] = (to[cell] ?? 0) + (from[cell] ?? 0);
}

/** Reads the histogram at cell `at`; `scale` turns its values into the unit of the metric. */
export function readHistogram(cells: Float64Array, at: number, scale: number): HistogramReading {
  const buckets: HistogramBucket[] = [];
  let count = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const inside = cells[at + COUNTS + bucket] ?? 0;
    if (inside === 0) continue;
    count += inside;
    buckets.push({
      from: lowerBound(bucket) * scale,
      below: lowerBound(bucket + 1) * scale,
      count: inside,
    });
  }
  const max = (cells[at + HIGHEST] ?? 0) * scale;
  const quantile = (share: number): number => Math.min(max, quantileOf(buckets, share * count));
  return {
    count,
    sum: (cells[at + SUM] ?? 0) * scale,
    max,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    buckets,
  };
}

/** The value below which `rank` of the values lie, taken as evenly spread within their bucket. */
function quantileOf(buckets: readonly HistogramBucket[], rank: number): number {
  let before = 0;
  for (const { from, below, count } of buckets) {
    if (before + count >= rank) return from + ((below - from) * (rank - before)) / count;
    before += count;
  }
  return 0;
}
