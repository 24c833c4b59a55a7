import pg from 'pg';
import { type Runtime, type RuntimeOptions, SetupError, startRuntime } from 'troupe';
import { expect, it, onTestFinished } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { account, deposit, grant, withdraw } from '../support/account.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { rejection } from '../support/settling.js';
import { insertEvent } from '../support/use-shards.js';

function log(): (options?: Partial<RuntimeOptions>) => Promise<Runtime> {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  return async (options = {}) => {
    const runtime = await startRuntime({ domain: { account }, store, shards: 0, ...options });
    onTestFinished(() => runtime.stop());
    return runtime;
  };
}

it('a shared runtime does not start on a log that is owned, and names the owner', async () => {
  const start = log();
  const owner = await start({ ownership: 'exclusive' });
  expect(owner.ownership).toMatchObject({ mode: 'exclusive', role: 'active' });
  const refused = await rejection(start());
  expect(refused).toBeInstanceOf(SetupError);
  expect(refused).toMatchObject({ code: 'NotOwner', details: { owner: { pid: process.pid } } });
  await owner.stop();
  const shared = await start();
  expect(shared.ownership).toMatchObject({ mode: 'shared', role: 'active' });
  await shared.aggregate(account).send('a', grant(1));
});

it('an exclusive runtime takes the log from a shared one, which goes on when it has left', async () => {
  const start = log();
  const shared = await start({ leaseMs: 300 });
  await shared.aggregate(account).send('a', grant(5));
  const exclusive = await start({ ownership: 'exclusive', leaseMs: 300 });
  await exclusive.aggregate(account).send('a', deposit(1));
  expect(await rejection(shared.aggregate(account).send('a', deposit(1)))).toMatchObject({
    ...{ code: 'NotOwner', outcome: 'refused' },
    details: { owner: { pid: process.pid } },
  });
  await eventually(() => expect(shared.ownership.role).toBe('standby'));
  await exclusive.stop();
  await eventually(() => expect(shared.ownership.role).toBe('active'));
  const { version } = await shared.aggregate(account).send('a', deposit(1));
  expect(version).toBe(3);
});

it.each([
  // What a script did past the owner, the owner does not know.
  { ownership: 'exclusive', expected: { ok: false, shortCode: 'OVERDRAWN' } },
  { ownership: 'shared', expected: { ok: true } },
] as const)(
  '$ownership: an answer without events, beside a script',
  async ({ ownership, expected }) => {
    const store = {
      ...({ kind: 'postgres', wakeUps: false } as const),
      ...{ url: databaseUrl(), schema: freshSchema() },
    } as const;
    const runtime = await startRuntime({ domain: { account }, store, shards: 0, ownership });
    onTestFinished(() => runtime.stop());
    const accounts = runtime.aggregate(account);
    await accounts.send('a', grant(1));
    const script = new pg.Client(databaseUrl());
    await script.connect();
    const given = { type: 'deposited', data: '{"cents":9}' };
    await insertEvent(script, store.schema, eventRow({ aggregate: 'account', id: 'a' }, 2, given));
    await script.end();
    expect(await accounts.trySend('a', withdraw(5))).toMatchObject(expected);
  },
);
