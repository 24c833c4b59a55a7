import type { Phase } from '../actor/blame.js';
import { mergeFigures, readFigures } from '../telemetry/figures.js';
import type { SubscriptionMetrics } from '../telemetry/host-feeds.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { ShardClient } from './shard-client.js';
import type { ShardCondition } from './shard-condition.js';

/** Figures of one shard. */
export interface ShardMetrics {
  readonly shard: number;
  readonly condition: ShardCondition;
  /** User code that its thread is in; of a blocked one, what blocks it. `none` outside of user code. */
  readonly phase: Phase;
  /** Of a shard that is not running, counters are true and gauges (actors, mailboxes, heap) the last known. */
  readonly metrics: Metrics;
}

/** Figures of a runtime, as `runtime.metrics()` resolves them. Plain data. */
export interface RuntimeMetrics {
  /** All shards together: counters, histograms and gauges summed; `mailboxCommandsMax` is the highest. */
  readonly total: Metrics;
  readonly shards: readonly ShardMetrics[];
  /** Each subscription of the domain, as far as this process runs it: counted here, not on the whole log. */
  readonly subscriptions: readonly SubscriptionMetrics[];
}

/** Asks all shards at once; takes at most 250 ms. */
export async function measureShards(
  shards: readonly ShardClient[],
): Promise<Omit<RuntimeMetrics, 'subscriptions'>> {
  const looks = await Promise.all(shards.map((shard) => shard.look()));
  // A copy: the threads count on, and the sum shall be that of the parts.
  const figures = shards.map((shard) => shard.telemetry.memory.slice(0));
  return {
    total: mergeFigures(figures),
    shards: shards.map((shard, i) => ({
      shard: shard.index,
      condition: looks[i]?.condition ?? 'stopped',
      phase: shard.activity.phase,
      metrics: readFigures(figures[i] ?? shard.telemetry.memory),
    })),
  };
}
