import { eventRow, outcomeRow } from './batches.js';
import { hasLength, matches, same } from './expectations.js';
import { type StoreCase, storeCase } from './store-case.js';

export const outcomesCases: readonly StoreCase[] = [
  storeCase('finds the outcome of a key as it was stored', async (test) => {
    const accepted = outcomeRow(test.stream('a'), 'k1', { fromVersion: 3, toVersion: 2 ** 40 });
    const rejected = outcomeRow(test.stream('a'), 'k2', {
      rejection: '{"code":"CLOSED"}',
      keepMs: 1e9,
    });
    same((await test.append({ outcomes: [accepted, rejected] })).kind, 'stored');
    for (const { keepMs: _, ...outcome } of [accepted, rejected]) {
      same(await test.store.findOutcomes([outcome]), [outcome]);
    }
  }),

  storeCase('finds only the keys that were asked for', async (test) => {
    const outcomes = ['k1', 'k2', 'k3'].map((key) => outcomeRow(test.stream('a'), key));
    await test.append({ outcomes });
    const asked = [
      { ...test.stream('a'), key: 'k2' },
      { ...test.stream('a'), key: 'unknown' },
    ];
    same(
      (await test.store.findOutcomes(asked)).map((it) => it.key),
      ['k2'],
    );
    same(await test.store.findOutcomes([]), []);
  }),

  storeCase('keeps the same key of other streams and aggregates apart', async (test) => {
    const outcomes = [
      outcomeRow(test.stream('a'), 'key', { hash: '1' }),
      outcomeRow(test.stream('b'), 'key', { hash: '2' }),
      outcomeRow({ aggregate: `${test.aggregate}x`, id: 'a' }, 'key', { hash: '3' }),
    ];
    same((await test.append({ outcomes })).kind, 'stored');
    for (const outcome of outcomes) {
      matches(await test.store.findOutcomes([outcome]), [{ hash: outcome.hash }]);
    }
  }),

  storeCase('stores outcomes with the events they belong to', async (test) => {
    const rows = [eventRow(test.stream('a'), 1)];
    const outcomes = [outcomeRow(test.stream('a'), 'key')];
    same((await test.append({ rows, outcomes })).kind, 'stored');
    matches(await test.store.findOutcomes(outcomes), [{ key: 'key', toVersion: 1 }]);
  }),

  storeCase('reports a conflict and stores nothing when a key is taken', async (test) => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { hash: 'first' })];
    await test.append({ outcomes });
    const again = [outcomeRow(test.stream('a'), 'key', { hash: 'second' })];
    const rows = [eventRow(test.stream('a'), 1)];
    same((await test.append({ rows, outcomes: again })).kind, 'conflict');
    matches(await test.store.findOutcomes(outcomes), [{ hash: 'first' }]);
    matches(await test.store.heads([test.stream('a')]), [{ version: 0 }]);
  }),

  storeCase('reports a conflict when a batch holds the same key twice', async (test) => {
    const outcomes = [outcomeRow(test.stream('a'), 'key'), outcomeRow(test.stream('a'), 'key')];
    same((await test.append({ outcomes })).kind, 'conflict');
    same(await test.store.findOutcomes(outcomes), []);
  }),

  storeCase('finds an invalid rejection invalid', async (test) => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { rejection: '{' })];
    same((await test.append({ outcomes })).kind, 'invalid');
    same(await test.store.findOutcomes(outcomes), []);
  }),

  storeCase('does not find an expired key, and then it is free again', async (test) => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { keepMs: 0, hash: 'first' })];
    await test.append({ outcomes });
    const again = [outcomeRow(test.stream('a'), 'key', { hash: 'second' })];
    same(await test.store.findOutcomes(outcomes), []);
    same((await test.append({ outcomes: again })).kind, 'stored');
    matches(await test.store.findOutcomes(outcomes), [{ hash: 'second' }]);
  }),

  storeCase('keeps an expired key taken until it is looked for', async (test) => {
    const outcomes = [outcomeRow(test.stream('a'), 'key', { keepMs: 0 })];
    await test.append({ outcomes });
    same((await test.append({ outcomes })).kind, 'conflict');
  }),

  storeCase('sweeps expired outcomes, so many at a time, and leaves the others', async (test) => {
    while ((await test.store.sweepOutcomes(1000)) > 0); // what other tests left
    const expired = ['1', '2', '3', '4', '5'].map((key) =>
      outcomeRow(test.stream('a'), key, { keepMs: 0 }),
    );
    const kept = [
      outcomeRow(test.stream('a'), 'a', { keepMs: 60_000 }),
      outcomeRow(test.stream('a'), 'b'),
    ];
    await test.append({ outcomes: [...expired, ...kept] });
    same(await test.store.sweepOutcomes(3), 3);
    same(await test.store.sweepOutcomes(3), 2);
    same(await test.store.sweepOutcomes(3), 0);
    hasLength(await test.store.findOutcomes(kept), 2);
    same((await test.append({ outcomes: expired })).kind, 'stored');
  }),
];
