import { startRuntime, type WaitedFor } from 'troupe';
import { testRuntime, unavailable } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { balances } from '../../examples/bank/balances.js';
import { account } from '../../examples/bank/domain.js';
import { openings } from '../../examples/bank/openings.js';
import type { View } from '../../src/projection/view.js';
import { foldBatch } from '../../src/projection/view-consumer.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { feedEvent } from './support/ledger.js';
import { postgresTables } from './support/tables-under-test.js';

const open = (owner: string) => ({ type: 'open', data: { owner } }) as const;

describe('a view of a runtime in memory', () => {
  it('holds everything that was committed before it is asked', async () => {
    await using troupe = await testRuntime({ domain: [account, balances] });
    const accounts = troupe.aggregate(account);
    const view = troupe.runtime.view(balances);
    expect(await view.get('a')).toBeUndefined();
    await accounts.create(open('mia'), { id: 'a' });
    for (let cents = 1; cents <= 20; cents++) {
      await accounts.send('a', { type: 'deposit', data: { cents } });
      expect((await view.get('a'))?.movements).toBe(cents);
    }
    const asked = await Promise.all([view.get('a'), view.count(), view.get('a')]);
    expect(asked).toEqual([expect.objectContaining({ cents: 210 }), 1, asked[0]]);
  });

  it('can be waited for, and is there at once; what does not run there cannot', async () => {
    await using troupe = await testRuntime({ domain: [account, balances, openings] });
    const accounts = troupe.aggregate(account);
    const { position } = await accounts.create(open('mia'), { id: 'a', waitFor: [balances] });
    await troupe.runtime.view(balances).waitFor(position);
    await troupe.runtime.waitFor('balances', position);
    const create = (waitFor: readonly WaitedFor[]) =>
      accounts.create(open('eve'), { id: 'b', waitFor });
    await expect(create([openings])).rejects.toMatchObject({ code: 'NoSubscriptions' });
    await expect(create(['balance'])).rejects.toMatchObject({
      code: 'UnknownSubscription',
      message: expect.stringContaining('(did you mean balances?)'),
    });
    expect(await accounts.state('b')).toBeUndefined();
  });

  it('says that the store cannot be reached, and goes on when it can', async () => {
    await using troupe = await testRuntime({ domain: [account, balances] });
    await troupe.aggregate(account).create(open('mia'), { id: 'a' });
    troupe.faults.next('readAll', unavailable);
    const view = troupe.runtime.view(balances);
    await expect(view.get('a')).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect((await view.get('a'))?.owner).toBe('mia');
  });

  it('is refused by name if the domain does not export it', async () => {
    await using troupe = await testRuntime({ domain: [account, balances] });
    const stranger = { ...balances, name: 'balance' } as typeof balances;
    expect(() => troupe.runtime.view(stranger)).toThrow(
      'exports no view named balance: expected one of balances (did you mean balances?)',
    );
  });

  it('does not stand in the way of projections, which are not kept there', async () => {
    await using troupe = await testRuntime({ domain: [account, openings] });
    await troupe.aggregate(account).create(open('mia'), { id: 'a' });
  });
});

describe('a runtime on Postgres', () => {
  const start = (schema: string, domain: object) =>
    startRuntime({ domain, shards: 0, store: { kind: 'postgres', url: databaseUrl(), schema } });

  it('makes the tables of its views and projections, and asks them', async () => {
    const under = await postgresTables();
    const runtime = await start(under.schema, { account, balances, openings });
    const opened = feedEvent('account', 'a', {
      ...{ type: 'opened', data: { owner: 'mia' }, position: 1 },
    });
    const view = balances as View;
    await under.transaction((tx) => foldBatch(view, under.tables, [opened], tx));
    expect(await runtime.view(balances).get('a')).toEqual({ owner: 'mia', cents: 0, movements: 0 });
    const table = `${under.schema}.projection_openings_v1_days`;
    expect(await under.sql.query(`SELECT * FROM ${table}`)).toEqual([]);
    await runtime.stop();
    await under.stop();
  });

  it('does not start with a view whose columns are not those of its table', async () => {
    const schema = freshSchema();
    await (await start(schema, { account, balances })).stop();
    const changed = { ...balances, columns: [] };
    await expect(start(schema, { account, changed })).rejects.toMatchObject({
      code: 'ViewChanged',
      message: expect.stringContaining('raise its version to 2'),
    });
    await (await start(schema, { account, balances })).stop();
  });
});
