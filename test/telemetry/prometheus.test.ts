import { testRuntime } from 'troupe/testing';
import { expect, it } from 'vitest';
import { HostFeeds } from '../../src/telemetry/host-feeds.js';
import { prometheusText } from '../../src/telemetry/prometheus.js';
import { account, open } from '../support/account.js';

const LINE = /^([a-z_]+)(\{[a-z]+="[A-Za-z0-9+.]*"(,[a-z]+="[A-Za-z0-9+.e-]*")*\}) (\S+)$/;

it('writes each metric with its help, its type and its samples, in order', async () => {
  await using troupe = await testRuntime({ domain: [account] });
  await troupe.aggregate(account).create(open);
  const { shards } = await troupe.runtime.metrics();
  const text = prometheusText(shards);
  expect(text.endsWith('\n')).toBe(true);
  let [name, kind] = ['', ''];
  for (const line of text.trimEnd().split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed !== undefined) [name, kind] = [typed, type as string];
    if (line.startsWith('#')) continue;
    const [, sample, , , value] = LINE.exec(line) ?? [];
    expect(Number(value), line).not.toBeNaN();
    const base = kind === 'histogram' ? sample?.replace(/_(bucket|sum|count)$/, '') : sample;
    expect(base).toBe(name);
    if (kind === 'counter') expect(name).toMatch(/_total$/);
  }
  expect(text).toContain('troupe_shard_running{shard="0"} 1');
});

it('counts each value of a histogram in the buckets at or above it', () => {
  const buckets = [
    { from: 1, below: 2, count: 3 },
    { from: 4, below: 5, count: 2 },
    { from: 30_000, below: 32_768, count: 1 },
  ];
  const reading = { count: 6, sum: 30_011, max: 30_000, p50: 2, p90: 5, p99: 5, buckets };
  const none = { count: 0, sum: 0, max: 0, p50: 0, p90: 0, p99: 0, buckets: [] };
  const all = new Proxy({}, { get: (_, name) => (name === 'appendEvents' ? reading : none) });
  const text = prometheusText([{ shard: 0, condition: 'running', metrics: all as never }]);
  const at = (le: string) =>
    new RegExp(`^troupe_append_events_bucket\\{shard="0",le="${le}"\\} (\\d+)$`, 'm').exec(
      text,
    )?.[1];
  expect([at('1'), at('3'), at('7'), at('16383'), at('\\+Inf')]).toEqual(['3', '3', '5', '5', '6']);
});

it('writes subscriptions with their names, and of sagas and timers only what they count', () => {
  const feeds = new HostFeeds([
    { name: 'odd "name" \\ of one' },
    { name: '$saga/x/commands', measures: ['sagaSteps'] },
  ]);
  const text = prometheusText([], feeds.read());
  expect(text).toContain(
    'troupe_subscription_events_total{subscription="odd \\"name\\" \\\\ of one"} 0',
  );
  expect(text).toContain(
    'troupe_saga_steps_total{subscription="$saga/x/commands",became="moved"} 0',
  );
  expect(text.match(/^troupe_saga_steps_total/gm)).toHaveLength(6);
  expect(text).not.toContain('troupe_timers_total');
});
