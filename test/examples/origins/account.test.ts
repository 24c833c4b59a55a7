import { given, newIdOf, testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/account/domain.js';
import { collect } from '../../support/collect.js';
import { freshSchema } from '../../support/postgres.js';
import { startOn, startTwo } from './start.js';

const { account } = domain;
const open = (owner = 'ann') => ({ type: 'open', data: { owner } }) as const;
const deposit = (cents: number) => ({ type: 'deposit', data: { cents } }) as const;
const withdraw = (cents: number) => ({ type: 'withdraw', data: { cents } }) as const;
const close = { type: 'close', data: {} } as const;
const opened = { type: 'opened', data: { owner: 'ann', number: 'n' } } as const;
const now = '2024-02-29T12:00:00.000Z';

describe('the account of cqrs-rust-lib', () => {
  it('Services: handlers get what they need of others, async, and a test its own', async () => {
    await given(account, []).when(open('mallory')).thenRejected('OWNER_BARRED');
    const services = { isBarred: () => Promise.resolve(false) };
    await given(account, [], { services })
      .when(open('mallory'))
      .thenState({ balance: 0, isOpen: true });
    await using troupe = await testRuntime({
      domain,
      services: { account: { isBarred: () => Promise.resolve(true) } },
    });
    expect(await troupe.aggregate(account).trySend('a', open())).toMatchObject({ ok: false });
  });

  it('CqrsContext: one frozen now and determined ids per command', async () => {
    const { events } = await given(account, []).when(open(), { commandId: 'c' });
    expect(events[0]?.data).toEqual({ owner: 'ann', number: newIdOf('c', 1) });
    await given(account, [opened])
      .when(close, { now, metadata: { principal: 'eve' } })
      .thenEvents([{ type: 'closed', data: { by: 'eve', at: now } }]);
  });

  it('current_user: is anonymous where nobody is named', async () => {
    const { events } = await given(account, [opened]).when(close, { now });
    expect(events).toEqual([{ type: 'closed', data: { by: 'anonymous', at: now } }]);
  });
});

describe('the account of cqrs-rust-lib, on Postgres', () => {
  it('execute_create and execute_update: 201 or 409 on one that is there, 200 or 404 on one that is not', async () => {
    const accounts = (await startOn(domain)).aggregate(account);
    const { id } = await accounts.create(open());
    expect(await accounts.send(id, deposit(5))).toMatchObject({ version: 2 });
    const again = await accounts.trySend(id, open());
    expect(again).toMatchObject({ code: 'ACCOUNT_ALREADY_EXISTS', status: 409, number: 10_000 });
    const missing = await accounts.trySend('nobody', deposit(5));
    expect(missing).toMatchObject({ code: 'ACCOUNT_NOT_FOUND', status: 404, number: 10_000 });
  });

  it('define_domain_errors: code with the prefix, number of prefix and index, status, details', async () => {
    const accounts = (await startOn(domain)).aggregate(account);
    const { id } = await accounts.create(open());
    expect(await accounts.trySend(id, withdraw(9))).toEqual({
      ok: false,
      deduplicated: false,
      shortCode: 'INSUFFICIENT_FUNDS',
      code: 'ACCOUNT_INSUFFICIENT_FUNDS',
      number: 10_001,
      status: 400,
      message: 'The balance is 0',
      details: { balance: 0 },
    });
    await accounts.send(id, close);
    const error: unknown = await accounts.send(id, deposit(1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ACCOUNT_CLOSED', number: 10_003, status: 410 });
    expect(account.isRejection(error)).toBe(true);
  });

  it('concurrency is a 409 of its own kind and never a 500, in a race too', async () => {
    const both = await startTwo(domain);
    const { id } = await both[0].aggregate(account).create(open());
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        both[i % 2]!.aggregate(account).send(id, deposit(1), { expectedVersion: 1 }),
      ),
    );
    const reasons = results.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
    expect(reasons).toHaveLength(11);
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'VersionConflict' });
  });

  it('metadata: user, request and whatever else is given are stored with each event', async () => {
    const accounts = (await startOn(domain)).aggregate(account);
    const metadata = { principal: 'eve', requestId: 'r-1', tenant: 't', channel: { web: true } };
    const { id } = await accounts.create(open(), { metadata });
    const [event] = await collect(accounts.events(id));
    expect(event?.metadata).toMatchObject(metadata);
  });

  it('snapshots are not what an account lives by: without one it is found and replayed', async () => {
    const schema = freshSchema();
    const before = await startOn(domain, schema);
    const { id } = await before.aggregate(account).create(open());
    await before.aggregate(account).send(id, deposit(7));
    await before.stop();
    const accounts = (await startOn(domain, schema)).aggregate(account);
    expect(await accounts.state(id)).toMatchObject({ version: 2, state: { balance: 7 } });
  });
});
