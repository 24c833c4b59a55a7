import type { Shard } from './answers.js';
import { grownBy, quantile, together } from './histogram.js';

/** The shards at one moment. */
export interface Reading {
  /** Unix milliseconds. */
  readonly at: number;
  readonly shards: readonly Shard[];
  /** Positions by which the furthest behind of all subscriptions is behind. */
  readonly lag: number | undefined;
}

/** What happened between two readings; rates per second, times in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Refused, failed and unknown: what a client sees as an error. */
  readonly errors: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly commitP50: number | undefined;
  readonly commitP99: number | undefined;
  readonly waiting: number;
  readonly inFlight: number;
  readonly actors: number;
  readonly heap: number;
  readonly lag: number | undefined;
}

/** What two readings tell together. */
export function sampleOf(before: Reading, after: Reading): Sample {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  const rate = (outcome: string): number =>
    Math.max(0, answered(after, outcome) - answered(before, outcome)) / seconds;
  const calls = between(before, after, 'commandDuration');
  const commits = between(before, after, 'commitLatency');
  const sum = (figure: (shard: Shard) => number): number =>
    after.shards.reduce((total, shard) => total + figure(shard), 0);
  return {
    at: after.at,
    accepted: rate('accepted'),
    rejected: rate('rejected'),
    errors: rate('refused') + rate('failed') + rate('unknown'),
    ...{ p50: toMs(quantile(calls, 0.5)), p99: toMs(quantile(calls, 0.99)) },
    ...{ commitP50: toMs(quantile(commits, 0.5)), commitP99: toMs(quantile(commits, 0.99)) },
    waiting: sum((shard) => shard.mailbox.commands),
    inFlight: sum((shard) => shard.inFlight),
    actors: sum((shard) => shard.actors),
    heap: sum((shard) => shard.heapUsed),
    lag: after.lag,
  };
}

/** Commands per second of each of the 256 slices between two readings. */
export function heatBetween(before: Reading, after: Reading): readonly number[] {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  const [earlier, later] = [bySlice(before.shards), bySlice(after.shards)];
  return later.map((count, slice) => Math.max(0, count - (earlier[slice] ?? 0)) / seconds);
}

function bySlice(shards: readonly Shard[]): number[] {
  const counts = new Array<number>(256).fill(0);
  for (const { slices, sliceCommands } of shards)
    slices.forEach((slice, i) => {
      counts[slice] = sliceCommands[i] ?? 0;
    });
  return counts;
}

function answered({ shards }: Reading, outcome: string): number {
  return shards.reduce((sum, { commands }) => sum + (commands[outcome] ?? 0), 0);
}

function between(before: Reading, after: Reading, name: 'commandDuration' | 'commitLatency') {
  const known = new Map(before.shards.map((shard) => [shard.shard, shard[name].buckets]));
  return together(
    after.shards.map((shard) => grownBy(known.get(shard.shard) ?? [], shard[name].buckets)),
  );
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
