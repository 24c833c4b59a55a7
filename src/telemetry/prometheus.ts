import { FEED_METRICS, type FeedMetricName } from './feed-metrics.js';
import type { HistogramReading } from './histogram.js';
import type { SubscriptionMetrics } from './host-feeds.js';
import { METRICS, type MetricDefinition, type MetricName, type Metrics } from './metrics.js';

/** Content type of what `prometheusText` makes. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Figures of one shard, as they are shown. */
export interface ShardFigures {
  readonly shard: number;
  readonly condition: string;
  readonly metrics: Metrics;
}

type Reading = Metrics[MetricName];

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
export function prometheusText(
  shards: readonly ShardFigures[],
  subscriptions: readonly SubscriptionMetrics[] = [],
): string {
  const ofShards = shards.map(({ shard, metrics }) => ({ labels: `shard="${shard}"`, metrics }));
  const ofFeeds = subscriptions.map(({ subscription, measures, metrics }) => ({
    labels: `subscription="${escaped(subscription)}"`,
    metrics,
    has: (name: string) => !OF_SOME.has(name) || measures.includes(name as FeedMetricName),
  }));
  return `${[
    ...families(METRICS, ofShards),
    running(shards),
    ...(ofFeeds.length > 0 ? families(FEED_METRICS, ofFeeds) : []),
  ].join('\n')}\n`;
}

/** What only some subscriptions count. */
const OF_SOME: ReadonlySet<string> = new Set<FeedMetricName>([
  ...(['sagaSteps', 'sagaCommands', 'sagaEffects', 'timers', 'timerLateness'] as const),
]);

/** Figures that are shown with labels of their own. */
interface Labelled {
  readonly labels: string;
  readonly metrics: Readonly<Record<string, unknown>>;
  has?(name: string): boolean;
}

function families(
  definitions: Readonly<Record<string, MetricDefinition>>,
  all: readonly Labelled[],
): readonly string[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const shown = all.filter(({ has }) => has?.(name) ?? true);
    if (shown.length === 0 && all.length > 0) return [];
    const lines = shown.flatMap(({ labels, metrics }) =>
      // Figures have the readings of their definitions.
      samples(definition, metrics[name] as Reading, labels),
    );
    const { name: family, help, kind } = definition;
    return [[...heading(family, help, kind), ...lines].join('\n')];
  });
}

function escaped(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
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
  reading: Reading,
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
