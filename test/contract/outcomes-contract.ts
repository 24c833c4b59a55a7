import { expect, it } from 'vitest';
import { eventRow, outcomeRow } from './batches.js';
import type { StoreTest } from './store-contract.js';

export function outcomesContract(test: StoreTest): void {
  it('finds the outcome of a key as it was stored', async () => {
    const accepted = outcomeRow(test.stream('a'), 'k1', { fromVersion: 3, toVersion: 2 ** 40 });
    const rejected = outcomeRow(test.stream('a'), 'k2', {
      rejection: '{"code":"CLOSED"}',
      keepMs: 1e9,
    });
    expect((await test.append({ outcomes: [accepted, rejected] })).kind).toBe('stored');
    for (const { keepMs: _, ...outcome } of [accepted, rejected]) {
      expect(await test.store.findOutcomes([outcome])).toEqual([outcome]);
    }
  });

  it('finds only the keys that were asked for', async () => {
    const outcomes = ['k1', 'k2', 'k3'].map((key) => outcomeRow(test.stream('a'), key));
    await test.append({ outcomes });
    const asked = [
      { ...test.stream('a'), key: 'k2' },
      { ...test.stream('a'), key: 'unknown' },
    ];
    expect((await test.store.findOutcomes(asked)).map((it) => it.key)).toEqual(['k2']);
    expect(await test.store.findOutcomes([])).toEqual([]);
  });

  it('keeps the same key of other streams and aggregates apart', async () => {
    const outcomes = [
      outcomeRow(test.stream('a'), 'key', { hash: '1' }),
      outcomeRow(test.stream('b'), 'key', { hash: '2' }),
      outcomeRow({ aggregate: `${test.aggregate}x`, id: 'a' }, 'key', { hash: '3' }),
    ];
    expect((await test.append({ outcomes })).kind).toBe('stored');
    for (const outcome of outcomes) {
      expect(await test.store.findOutcomes([outcome])).toMatchObject([{ hash: outcome.hash }]);
    }
  });

  it('stores outcomes with the events they belong to', async () => {
    const rows = [eventRow(test.stream('a'), 1)];
    const outcomes = [outcomeRow(test.stream('a'), 'key')];
    expect((await test.append({ rows, outcomes })).kind).toBe('stored');
    expect(await test.store.findOutcomes(outcomes)).toMatchObject([{ key: 'key', toVersion: 1 }]);
  });

  it('reports a conflict and stores nothing when a key is taken', async () => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { hash: 'first' })];
    await test.append({ outcomes });
    const again = [outcomeRow(test.stream('a'), 'key', { hash: 'second' })];
    const rows = [eventRow(test.stream('a'), 1)];
    expect((await test.append({ rows, outcomes: again })).kind).toBe('conflict');
    expect(await test.store.findOutcomes(outcomes)).toMatchObject([{ hash: 'first' }]);
    expect(await test.store.heads([test.stream('a')])).toMatchObject([{ version: 0 }]);
  });

  it('reports a conflict when a batch holds the same key twice', async () => {
    const outcomes = [outcomeRow(test.stream('a'), 'key'), outcomeRow(test.stream('a'), 'key')];
    expect((await test.append({ outcomes })).kind).toBe('conflict');
    expect(await test.store.findOutcomes(outcomes)).toEqual([]);
  });

  it('finds an invalid rejection invalid', async () => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { rejection: '{' })];
    expect((await test.append({ outcomes })).kind).toBe('invalid');
    expect(await test.store.findOutcomes(outcomes)).toEqual([]);
  });

  it('does not find an expired key, and then it is free again', async () => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { keepMs: 0, hash: 'first' })];
    await test.append({ outcomes });
    const again = [outcomeRow(test.stream('a'), 'key', { hash: 'second' })];
    expect(await test.store.findOutcomes(outcomes)).toEqual([]);
    expect((await test.append({ outcomes: again })).kind).toBe('stored');
    expect(await test.store.findOutcomes(outcomes)).toMatchObject([{ hash: 'second' }]);
  });

  it('keeps an expired key taken until it is looked for', async () => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { keepMs: 0 })];
    await test.append({ outcomes });
    expect((await test.append({ outcomes })).kind).toBe('conflict');
  });

  it('sweeps expired outcomes, so many at a time, and leaves the others', async () => {
    while ((await test.store.sweepOutcomes(1000)) > 0); // what other tests left
    const expired = ['1', '2', '3', '4', '5'].map((key) =>
      outcomeRow(test.stream('a'), key, { keepMs: 0 }),
    );
    const kept = [
      outcomeRow(test.stream('a'), 'a', { keepMs: 60_000 }),
      outcomeRow(test.stream('a'), 'b'),
    ];
    await test.append({ outcomes: [...expired, ...kept] });
    expect(await test.store.sweepOutcomes(3)).toBe(3);
    expect(await test.store.sweepOutcomes(3)).toBe(2);
    expect(await test.store.sweepOutcomes(3)).toBe(0);
    expect(await test.store.findOutcomes(kept)).toHaveLength(2);
    expect((await test.append({ outcomes: expired })).kind).toBe('stored');
  });
}
