import type { HistogramReading } from './histogram.js';
import { METRICS, type MetricDefinition, type MetricName, type Metrics } from './metrics.js';

/** Content type of what `prometheusText` makes. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Figures of one shard, as they are shown. */
export interface ShardFigures {
  readonly shard: number;
  readonly condition: string;
  readonly metrics: Metrics;
}

/** Bounds of buckets, as powers of two of the smallest unit: the same on every scrape. */
const BOUNDS = {
  /** 64 microseconds to 34 seconds. */
  seconds: { from: 6, to: 25 },
  /** 255 bytes to 16 MiB. */
  bytes: { from: 8, to: 24 },
  /** 1 to 16 383. */
  events: { from: 1, to: 14 },
};

/**
 * All metrics of all shards in the text format of Prometheus, each series with its `shard`. Names and units
 * are those of OpenMetrics: base units, `_total` for counters.
 */
export function prometheusText(shards: readonly ShardFigures[]): string {
  const families = Object.entries(METRICS as Record<string, MetricDefinition>).map(
    ([name, definition]) => family(name as MetricName, definition, shards),
  );
  return `${[...families, running(shards)].join('\n')}\n`;
}

function family(
  name: MetricName,
  definition: MetricDefinition,
  shards: readonly ShardFigures[],
): string {
  const lines = shards.flatMap(({ shard, metrics }) =>
    samples(definition, metrics[name], `shard="${shard}"`),
  );
  return [...heading(definition.name, definition.help, definition.kind), ...lines].join('\n');
}

function running(shards: readonly ShardFigures[]): string {
  const name = 'troupe_shard_running';
  const lines = shards.map(
    ({ shard, condition }) => `${name}{shard="${shard}"} ${condition === 'running' ? 1 : 0}`,
  );
  return [...heading(name, 'Whether the shard answers', 'gauge'), ...lines].join('\n');
}

function heading(name: string, help: string, kind: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}

function samples(
  definition: MetricDefinition,
  reading: Metrics[MetricName],
  labels: string,
): readonly string[] {
  const { name, kind } = definition;
  if (kind === 'histogram') return histogram(definition, reading as HistogramReading, labels);
  if (typeof reading === 'number') return [`${name}{${labels}} ${reading}`];
  const label = kind === 'counter' ? definition.label : undefined;
  return Object.entries(reading as Readonly<Record<string, number>>).map(
    ([value, count]) => `${name}{${labels},${label}="${value}"} ${count}`,
  );
}

/** A bucket holds whole numbers below its bound: of what is counted, that is up to the number before. */
function histogram(
  { name, scale }: MetricDefinition & { kind: 'histogram' },
  { buckets, count, sum }: HistogramReading,
  labels: string,
): readonly string[] {
  const { from, to } = boundsOf(name);
  const isCounted = scale === 1;
  const lines: string[] = [];
  let [next, below] = [0, 0];
  for (let exponent = from; exponent <= to; exponent++) {
    const bound = 2 ** exponent * scale;
    for (; (buckets[next]?.below ?? Number.POSITIVE_INFINITY) <= bound * TOLERANCE; next++)
      below += buckets[next]?.count ?? 0;
    lines.push(`${name}_bucket{${labels},le="${isCounted ? bound - 1 : bound}"} ${below}`);
  }
  return [
    ...lines,
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

/** Both bounds are products of whole numbers and one factor, which need not round alike. */
const TOLERANCE = 1 + 1e-9;

function boundsOf(name: string): { readonly from: number; readonly to: number } {
  if (name.endsWith('_seconds')) return BOUNDS.seconds;
  return name.endsWith('_bytes') ? BOUNDS.bytes : BOUNDS.events;
}
