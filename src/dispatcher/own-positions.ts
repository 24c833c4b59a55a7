import type { PositionRange } from '../messages/position-range.js';

/** Ranges beyond which the lowest are forgotten: then those are read, which costs time and nothing else. */
const MAX_RANGES = 10_000;

/**
 * The positions that the shards of this process have stored, above what has been read: an interval per
 * batch, so that a process knows its own rows without reading them.
 */
export class OwnPositions {
  /** By `first`, apart from each other. */
  private ranges: PositionRange[] = [];
  private sorted = true;

  /** Highest position of our own; 0 where there is none. */
  highest = 0;

  add(range: PositionRange): void {
    const before = this.ranges.at(-1);
    if (before && range.first === before.last + 1)
      this.ranges[this.ranges.length - 1] = { first: before.first, last: range.last };
    else this.ranges.push(range);
    if (before && range.first < before.first) this.sorted = false;
    if (range.last > this.highest) this.highest = range.last;
    if (this.ranges.length > MAX_RANGES) {
      this.sort();
      this.ranges.splice(0, MAX_RANGES / 2);
    }
  }

  has(position: number): boolean {
    this.sort();
    const range = this.ranges[this.indexOf(position)];
    return range !== undefined && range.first <= position;
  }

  /** The end of the run of our own positions that follows `after`; `after` itself where there is none. */
  endOfRunAfter(after: number): number {
    this.sort();
    let end = after;
    for (let i = this.indexOf(after + 1); i < this.ranges.length; i++) {
      const range = this.ranges[i] as PositionRange;
      if (range.first > end + 1) break;
      end = Math.max(end, range.last);
    }
    return end;
  }

  /** Forgets what lies at or below a position. */
  dropUpTo(position: number): void {
    this.sort();
    this.ranges.splice(0, this.indexOf(position + 1));
  }

  /** Index of the first range that ends at or after a position. */
  private indexOf(position: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle] as PositionRange).last < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private sort(): void {
    if (this.sorted) return;
    this.ranges.sort((a, b) => a.first - b.first);
    this.sorted = true;
  }
}
