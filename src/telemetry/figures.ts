import { addHistogram, HISTOGRAM_CELLS, readHistogram, recordValue } from './histogram.js';
import { METRICS, type MetricDefinition, type MetricName, type Metrics } from './metrics.js';

/*
 * The figures of one shard in memory that its thread and the host share: each metric has one writer, and
 * the host can read all of them at any moment, also while the thread is blocked. The memory outlives the
 * thread, so that counters go on where the last one stopped.
 */
const names = Object.keys(METRICS) as MetricName[];
const { cells: CELLS, at } = layout();

/** Where each metric starts. A labelled counter has one cell for each value of its label, in their order. */
export const CELL: Readonly<Record<MetricName, number>> = at;

/** Makes the memory for the figures of one shard. */
export function createFigures(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELLS * Float64Array.BYTES_PER_ELEMENT);
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
  return read(new Float64Array(memory));
}

/** The figures of all shards together: sums, of gauges that are a maximum the highest. */
export function mergeFigures(memories: readonly SharedArrayBuffer[]): Metrics {
  const total = new Float64Array(CELLS);
  for (const memory of memories) addAll(total, new Float64Array(memory));
  return read(total);
}

function addAll(to: Float64Array, from: Float64Array): void {
  for (const name of names) {
    const definition: MetricDefinition = METRICS[name];
    const first = at[name];
    if (definition.kind === 'histogram') {
      addHistogram(to, from, first);
      continue;
    }
    const isMax = definition.kind === 'gauge' && definition.merge === 'max';
    for (let cell = first; cell < first + cellsOf(definition); cell++) {
      const [own = 0, other = 0] = [to[cell], from[cell]];
      to[cell] = isMax ? Math.max(own, other) : own + other;
    }
  }
}

function read(cells: Float64Array): Metrics {
  const readings = names.map((name) => [name, readOne(cells, METRICS[name], at[name])]);
  // Each reading has the form that its definition gives it.
  return Object.fromEntries(readings) as Metrics;
}

function readOne(cells: Float64Array, definition: MetricDefinition, first: number): unknown {
  if (definition.kind === 'histogram') return readHistogram(cells, first, definition.scale);
  if (definition.kind === 'counter' && definition.values)
    return Object.fromEntries(definition.values.map((value, i) => [value, cells[first + i] ?? 0]));
  return cells[first] ?? 0;
}

function layout(): { cells: number; at: Record<MetricName, number> } {
  let cells = 0;
  const starts = names.map((name) => {
    const start = cells;
    cells += cellsOf(METRICS[name]);
    return [name, start];
  });
  // One start for each name.
  return { cells, at: Object.fromEntries(starts) as Record<MetricName, number> };
}

function cellsOf(definition: MetricDefinition): number {
  if (definition.kind === 'histogram') return HISTOGRAM_CELLS;
  return definition.kind === 'counter' ? (definition.values?.length ?? 1) : 1;
}
