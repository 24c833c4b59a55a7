import { defineInlineProjection, only, startRuntime } from 'troupe';
import { beforeEach, describe, expect, it } from 'vitest';
import { account, grant, open } from '../../support/account.js';
import { rejection } from '../../support/settling.js';
import { type ShardsFixture, useShards } from '../../support/use-shards.js';
import { next, sums, sumsOf } from './support/sums.js';
import { differences, inlineOf, sumOf } from './support/use-inline.js';

const withSums = { account, sums };
const without = { account };
const shards = useShards(without);

/** Whether appends are looked at by a trigger. */
async function isGuarded({ db, schema }: ShardsFixture): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM pg_trigger WHERE tgrelid = '${schema}.events'::regclass AND tgname = 'check_inline'`,
  );
  return rows.length > 0;
}

beforeEach(async () => {
  const { db, schema } = shards;
  next.calls = [];
  await inlineOf(shards, without)
    .remove('sums')
    .catch(() => undefined);
  await db.query(`DELETE FROM ${schema}.inline_projections`);
});

describe('what a log with inline projections refuses', () => {
  it('is looked for only while there is an active one', async () => {
    expect(await isGuarded(shards)).toBe(false);
    await inlineOf(shards, withSums).prepare();
    expect(await isGuarded(shards)).toBe(true);
    await inlineOf(shards, without).remove('sums');
    expect(await isGuarded(shards)).toBe(false);
  });

  it('a script that inserts its events; others it may insert', async () => {
    await inlineOf(shards, withSums).prepare();
    const id = shards.id();
    await shards.insert(id, 1, { type: 'opened', data: '{"owner":"Ada"}' });
    expect(await rejection(shards.insert(id, 2))).toMatchObject({
      code: 'TR007',
      message: 'troupe: these events need the inline projections {sums@1}, and this append runs {}',
      hint: expect.stringContaining('troupe inline remove'),
    });
    expect(await shards.log(id)).toHaveLength(1);
  });

  it('a script with a snapshot of its own, which may be from before', async () => {
    await inlineOf(shards, withSums).prepare();
    const { db } = shards;
    await db.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const inserted = rejection(shards.insert(shards.id(), 1, { type: 'opened' }));
    expect(await inserted).toMatchObject({ code: 'TR008' });
    await db.query('ROLLBACK');
  });

  it('a process without it: refused, naming both sides and the remedy; its other commands go on', async () => {
    await inlineOf(shards, withSums).prepare();
    const accounts = (await shards.start({ domain: without })).client(account);
    const [id, other] = [shards.id(), shards.id()];
    const [refused, stored] = await Promise.allSettled([
      accounts.send(id, grant(1)),
      accounts.create(open, { id: other }),
    ]);
    expect(refused).toMatchObject({
      reason: {
        ...{ outcome: 'refused', code: 'InlineProjectionsDiffer' },
        message: expect.stringMatching(
          /need the inline projections sums@1, and this process runs none: .*troupe inline remove/,
        ),
        details: { active: ['sums@1'], needed: ['sums@1'], runs: [] },
      },
    });
    expect(stored).toMatchObject({ value: { version: 1 } });
  });

  it('a process of the release before, once a higher version is active', async () => {
    await inlineOf(shards, withSums).prepare();
    const old = (await shards.start({ domain: withSums })).client(account);
    const id = shards.id();
    await old.send(id, grant(1));
    const raised = { account, sums: sumsOf(2) };
    await inlineOf(shards, raised).prepare();
    expect(await rejection(old.send(id, grant(2)))).toMatchObject({
      code: 'InlineProjectionsDiffer',
      details: { needed: ['sums@2'] },
    });
    const accounts = (await shards.start({ domain: raised })).client(account);
    expect(await accounts.send(id, grant(3))).toMatchObject({ version: 2 });
    expect(await sumOf(shards, id, 2)).toMatchObject({ cents: 4, number: 2 });
    expect(await sumOf(shards, id, 1)).toMatchObject({ cents: 1 });
    // Nor does the release before start again.
    expect(await rejection(inlineOf(shards, withSums).prepare())).toMatchObject({
      code: 'InlineProjectionsDiffer',
      message:
        'The log has the inline projection sums@2 (active), and this code has sums@1: start the release that has sums@2, or raise the version above 2',
    });
  });

  it('other events under the same version', async () => {
    await inlineOf(shards, withSums).prepare();
    const changed = defineInlineProjection({
      ...{ name: 'sums', version: 1, on: [only(account, 'withdrawn')] },
      setup: () => Promise.resolve(),
      handle: () => Promise.resolve(),
    });
    expect(await rejection(inlineOf(shards, { account, changed }).prepare())).toMatchObject({
      code: 'InlineProjectionChanged',
      message: expect.stringContaining('raise the version to 2'),
    });
  });

  it('a domain whose log is in memory', async () => {
    const start = startRuntime({ domain: withSums, store: { kind: 'memory' }, shards: 0 });
    expect(await rejection(start)).toMatchObject({
      code: 'InlineNeedsDatabase',
      message: expect.stringContaining('got a log in memory: sums'),
    });
  });
});

describe('an inline projection that is removed', () => {
  it('is run no more, by processes that have it too, and its tables are gone', async () => {
    await inlineOf(shards, withSums).prepare();
    const accounts = (await shards.start({ domain: withSums })).client(account);
    const id = shards.id();
    next.calls = [];
    await accounts.send(id, grant(1));
    await inlineOf(shards, without).remove('sums');
    expect(await accounts.send(id, grant(2))).toMatchObject({ version: 2 });
    expect(next.calls).toEqual([1]);
    expect(await rejection(sumOf(shards, id))).toMatchObject({ code: '42P01' });
    // A script may write again.
    await shards.insert(id, 3);
  });

  it('does not come back with the code that had it, and does with a higher version', async () => {
    await inlineOf(shards, withSums).prepare();
    await inlineOf(shards, without).remove('sums');
    const again = inlineOf(shards, withSums);
    await again.prepare();
    expect(again.told).toEqual([
      'warning: inline projection sums@1 was removed from the log and is not run: raise its version to have it back, or delete it from the code',
    ]);
    const accounts = (await shards.start({ domain: withSums })).client(account);
    next.calls = [];
    await accounts.send(shards.id(), grant(1));
    expect(next.calls).toEqual([]);
    await inlineOf(shards, { account, sums: sumsOf(2) }).prepare();
    expect(await inlineOf(shards, without).list()).toMatchObject([
      { name: 'sums', version: 1, state: 'removed' },
      { name: 'sums', version: 2, state: 'active' },
    ]);
    expect(await differences(shards, 2)).toEqual([]);
  });

  it('has to be there', async () => {
    expect(await rejection(inlineOf(shards, without).remove('nothing'))).toMatchObject({
      code: 'UnknownInlineProjection',
    });
  });
});
