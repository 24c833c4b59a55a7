import { addHistogram, HISTOGRAM_CELLS, readHistogram } from './histogram.js';
import type { MetricDefinition, Readings } from './metrics.js';

/** Where each of some metrics starts in an array of cells, and how they are read. A labelled counter has one cell for each value of its label, in their order. */
export class Layout<Definitions extends Readonly<Record<string, MetricDefinition>>> {
  readonly at: Readonly<Record<keyof Definitions, number>>;
  private readonly cells: number;
  private readonly all: readonly (readonly [string, MetricDefinition, number])[];

  constructor(definitions: Definitions) {
    let cells = 0;
    this.all = Object.entries(definitions).map(([name, definition]) => {
      const start = cells;
      cells += cellsOf(definition);
      return [name, definition, start] as const;
    });
    this.cells = cells;
    // One start for each name.
    this.at = Object.fromEntries(this.all.map(([name, , start]) => [name, start])) as never;
  }

  /** Makes the memory for one set of figures. */
  create(): SharedArrayBuffer {
    return new SharedArrayBuffer(this.cells * Float64Array.BYTES_PER_ELEMENT);
  }

  /** The figures as they are now. */
  read(memory: SharedArrayBuffer): Readings<Definitions> {
    return this.readCells(new Float64Array(memory));
  }

  /** Several sets together: sums, of gauges that are a maximum the highest. */
  merge(memories: readonly SharedArrayBuffer[]): Readings<Definitions> {
    const total = new Float64Array(this.cells);
    for (const memory of memories) this.addAll(total, new Float64Array(memory));
    return this.readCells(total);
  }

  private addAll(to: Float64Array, from: Float64Array): void {
    for (const [, definition, first] of this.all) {
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

  private readCells(cells: Float64Array): Readings<Definitions> {
    const readings = this.all.map(([name, definition, first]) => [
      name,
      readOne(cells, definition, first),
    ]);
    // Each reading has the form that its definition gives it.
    return Object.fromEntries(readings) as Readings<Definitions>;
  }
}

function readOne(cells: Float64Array, definition: MetricDefinition, first: number): unknown {
  if (definition.kind === 'histogram') return readHistogram(cells, first, definition.scale);
  if (definition.kind === 'counter' && definition.values)
    return Object.fromEntries(definition.values.map((value, i) => [value, cells[first + i] ?? 0]));
  return cells[first] ?? 0;
}

function cellsOf(definition: MetricDefinition): number {
  if (definition.kind === 'histogram') return HISTOGRAM_CELLS;
  return definition.kind === 'counter' ? (definition.values?.length ?? 1) : 1;
}
