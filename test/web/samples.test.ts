import { describe, expect, it } from 'vitest';
import type { Histogram, Shard } from '../../web/src/data/answers.js';
import { grownBy, quantile, together } from '../../web/src/data/histogram.js';
import { heatBetween, type Reading, sampleOf } from '../../web/src/data/samples.js';

const bucket = (from: number, count: number) => ({ from, below: from * 2, count });

function reading(at: number, shards: readonly Partial<Shard>[]): Reading {
  return { at, lag: 3, shards: shards.map((given, shard) => ({ ...BARE, shard, ...given })) };
}

const NO_TIMES: Histogram = { count: 0, sum: 0, max: 0, p50: 0, p90: 0, p99: 0, buckets: [] };
const BARE: Shard = {
  ...{ shard: 0, condition: 'running', slices: [], sliceCommands: [], actors: 1, phase: 'none' },
  ...{ mailbox: { commands: 2, most: 2 }, inFlight: 1, commands: {}, heapUsed: 10, restarts: 0 },
  ...{ commandDuration: NO_TIMES, commitLatency: NO_TIMES, eventLoopDelay: NO_TIMES },
};

describe('a histogram that grows', () => {
  it('shows what came between two looks', () => {
    const grown = grownBy([bucket(1, 5), bucket(2, 1)], [bucket(1, 5), bucket(2, 4), bucket(4, 1)]);
    expect(grown).toEqual([bucket(2, 3), bucket(4, 1)]);
  });

  it('that began anew shows nothing rather than less than nothing', () => {
    expect(grownBy([bucket(1, 5)], [bucket(1, 2)])).toEqual([]);
  });

  it('has quantiles together with others', () => {
    const both = together([[bucket(1, 50)], [bucket(1, 40), bucket(8, 10)]]);
    expect(quantile(both, 0.5)).toBeCloseTo(1.56, 2);
    expect(quantile(both, 0.99)).toBeGreaterThan(8);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

describe('two readings of the shards', () => {
  it('tell rates, and times of what was answered between them', () => {
    const times = { ...NO_TIMES, buckets: [bucket(0.008, 10)] };
    const before = reading(1000, [{ commands: { accepted: 10, failed: 1 } }, {}]);
    const after = reading(3000, [
      { commands: { accepted: 30, failed: 2, rejected: 4 }, commandDuration: times },
      { commands: { accepted: 2 } },
    ]);
    const sample = sampleOf(before, after);
    expect(sample).toMatchObject({ at: 3000, accepted: 11, rejected: 2, errors: 0.5, lag: 3 });
    expect(sample).toMatchObject({ waiting: 4, inFlight: 2, actors: 2, heap: 20 });
    expect(sample.p50).toBeCloseTo(12);
    expect(sample.commitP99).toBeUndefined();
  });

  it('are no rates below zero where a runtime was started again', () => {
    const before = reading(0, [{ commands: { accepted: 100 } }]);
    expect(sampleOf(before, reading(1000, [{ commands: { accepted: 3 } }])).accepted).toBe(0);
  });

  it('tell the heat of each slice, whichever shard has it', () => {
    const before = reading(0, [
      { slices: [0, 2], sliceCommands: [1, 1] },
      { slices: [1], sliceCommands: [0] },
    ]);
    const after = reading(500, [
      { slices: [0, 2], sliceCommands: [1, 5] },
      { slices: [1], sliceCommands: [3] },
    ]);
    const heat = heatBetween(before, after);
    expect(heat).toHaveLength(256);
    expect(heat.slice(0, 4)).toEqual([0, 6, 8, 0]);
  });
});
