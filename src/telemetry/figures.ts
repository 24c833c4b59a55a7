import { recordValue } from './histogram.js';
import { Layout } from './layout.js';
import { METRICS, type MetricName, type Metrics } from './metrics.js';

/*
 * The figures of one shard in memory that its thread and the host share: each metric has one writer, and
 * the host can read all of them at any moment, also while the thread is blocked. The memory outlives the
 * thread, so that counters go on where the last one stopped.
 */
const layout = new Layout(METRICS);

/** Where each metric starts. A labelled counter has one cell for each value of its label, in their order. */
export const CELL: Readonly<Record<MetricName, number>> = layout.at;

/** Makes the memory for the figures of one shard. */
export function createFigures(): SharedArrayBuffer {
  return layout.create();
}

/** Writes figures. Each call is a few stores; no object is made. */
export class Figures {
  private readonly cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.cells = new Float64Array(memory);
  }

  add(cell: number, by = 1): void {
    this.cells[cell] = (this.cells[cell] ?? 0) + by;
  }

  set(cell: number, value: number): void {
    this.cells[cell] = value;
  }

  /** Counts a whole number in a histogram. */
  record(cell: number, value: number): void {
    recordValue(this.cells, cell, value);
  }

  /** Counts a time, given in milliseconds, in a histogram of microseconds. */
  recordMs(cell: number, ms: number): void {
    recordValue(this.cells, cell, ms > 0 ? Math.round(ms * 1000) : 0);
  }
}

/** The figures of one shard as they are now. */
export function readFigures(memory: SharedArrayBuffer): Metrics {
  return layout.read(memory);
}

/** The figures of all shards together: sums, of gauges that are a maximum the highest. */
export function mergeFigures(memories: readonly SharedArrayBuffer[]): Metrics {
  return layout.merge(memories);
}
