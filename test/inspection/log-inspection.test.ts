import { create, defineAggregate, event, MemoryLog, upsert } from 'troupe';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { account, check, crash, deposit, grant, open, withdraw } from '../support/account.js';

describe('time travel', () => {
  it('shows any version of a state, and what changed between two', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    await accounts.create(open, { id: 'a' });
    for (const cents of [5, 7]) await accounts.send('a', deposit(cents));
    const { inspect } = troupe.runtime;
    const at = async (version?: number) =>
      (await inspect.stateAt('account', 'a', version === undefined ? {} : { version }))?.state;
    expect(await at(0)).toEqual({ owner: '', balance: 0 });
    expect(await at(2)).toEqual({ owner: 'Ada', balance: 5 });
    expect(await at()).toEqual({ owner: 'Ada', balance: 12 });
    expect(await inspect.stateAt('account', 'a', { version: 2 })).toMatchObject({
      ...{ aggregate: 'account', id: 'a', version: 2, snapshotVersion: 0, replayed: 2 },
      event: { type: 'deposited', position: 2 },
    });
    expect(await inspect.diff('account', 'a', 1, 3)).toMatchObject({
      ...{ from: { version: 1 }, to: { version: 3 }, isCut: false },
      changes: [{ path: '/balance', kind: 'changed', before: 0, after: 12 }],
    });
    expect(await inspect.stateAt('account', 'nobody')).toBeUndefined();
    await expect(inspect.stateAt('account', 'a', { version: 4 })).rejects.toMatchObject({
      ...{ code: 'NoSuchVersion', details: { version: 4, lastVersion: 3 } },
      message: 'account/a has no version 4: its last one is 3',
    });
  });
});

describe('a dry run', () => {
  const rate = vi.fn(() => 2);
  const exchange = (dryRunServices?: () => { rate: () => number }) =>
    defineAggregate({
      ...{ name: 'exchange', initialState: { sum: 0 } },
      commands: {
        buy: upsert(z.object({})),
        wait: upsert(z.object({})),
        open: create(z.object({})),
      },
      events: { bought: z.object({ rate: z.number() }) },
      services: (): { rate: () => number } => ({ rate }),
      ...(dryRunServices && { dryRunServices }),
      decide: {
        buy: (_state, _data, { event: events, services }) => [
          events.bought({ rate: services.rate() }),
        ],
        wait: {
          durable: async (_state, _data, { event: events, services }) => [
            events.bought({ rate: services.rate() }),
          ],
        },
        open: () => [],
      },
      evolve: { bought: (state, data) => ({ sum: state.sum + data.rate }) },
    });

  it('tells what a command would lead to, and leaves no trace', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    const { inspect } = troupe.runtime;
    await accounts.create(open, { id: 'a' });
    await accounts.send('a', deposit(5));
    const before = [troupe.log.events.all.length, troupe.faults.calls('append')];
    expect(await inspect.dryRun('account', 'a', withdraw(2))).toEqual({
      ...{ version: 2, outcome: 'accepted', state: { owner: 'Ada', balance: 3 } },
      events: [{ type: 'withdrawn', version: 3, data: { cents: 2 } }],
    });
    expect(await inspect.dryRun('account', 'a', withdraw(9))).toMatchObject({
      ...{ outcome: 'rejected', rejection: { code: 'ACCOUNT_OVERDRAWN', details: { balance: 5 } } },
    });
    expect(await inspect.dryRun('account', 'a', crash)).toMatchObject({
      ...{ outcome: 'failed', cause: { name: 'RangeError' } },
    });
    expect(await inspect.dryRun('account', 'a', check)).toMatchObject({ events: [], version: 2 });
    const refused = async (type: string, data: unknown, options = {}) =>
      inspect.dryRun('account', 'a', { type, data }, options);
    expect(await refused('deposit', { cents: -1 })).toMatchObject({ code: 'InvalidCommand' });
    expect(await refused('depost', {})).toMatchObject({ code: 'UnknownCommand' });
    expect(await refused('deposit', { cents: 1n })).toMatchObject({ code: 'InvalidCommand' });
    expect(await refused('deposit', { cents: 1 }, { expectedVersion: 7 })).toMatchObject({
      ...{ outcome: 'refused', code: 'VersionConflict', details: { expected: 7, actual: 2 } },
    });
    expect(await inspect.dryRun('account', 'nobody', deposit(1))).toMatchObject({
      rejection: { shortCode: 'NotFound' },
    });
    expect([troupe.log.events.all.length, troupe.faults.calls('append')]).toEqual(before);
    expect(await accounts.state('a')).toMatchObject({ version: 2, state: { balance: 5 } });
    expect((await inspect.actor('account', 'a')).commands).toHaveLength(2);
  });

  it('is refused for a decider that uses services, of which it would have to use the real ones', async () => {
    await using troupe = await testRuntime({ domain: [exchange()] });
    const { inspect } = troupe.runtime;
    for (const type of ['buy', 'wait'])
      await expect(inspect.dryRun('exchange', 'a', { type, data: {} })).rejects.toMatchObject({
        code: 'DryRunNeedsServices',
        message: expect.stringContaining(`exchange.${type} uses services`),
      });
    expect(await inspect.dryRun('exchange', 'a', { type: 'open', data: {} })).toMatchObject({
      outcome: 'accepted',
    });
    expect(rate).not.toHaveBeenCalled();
  });

  it('uses the stand-ins that the domain gives', async () => {
    await using troupe = await testRuntime({ domain: [exchange(() => ({ rate: () => 50 }))] });
    const { inspect } = troupe.runtime;
    for (const type of ['buy', 'wait'])
      expect(await inspect.dryRun('exchange', 'a', { type, data: {} })).toMatchObject({
        ...{ events: [{ type: 'bought', data: { rate: 50 } }], state: { sum: 50 } },
      });
    expect(rate).not.toHaveBeenCalled();
  });
});

describe('the log', () => {
  it('is shown page by page, as it is stored and as it reads today, also what cannot be read', async () => {
    const log = new MemoryLog();
    const version1 = shelf(z.object({ n: z.number() }));
    {
      await using troupe = await testRuntime({ domain: [version1, account], log });
      await troupe.aggregate(version1).send('s', { type: 'put', data: { n: 1 } });
      for (let i = 0; i < 4; i++) await troupe.aggregate(account).send('a', grant(1));
    }
    const today = shelf(
      event({
        version: 2,
        schema: z.object({ count: z.number() }),
        upcast: { 1: (old: { n: number }) => ({ count: old.n }) },
      }),
    );
    await using troupe = await testRuntime({ domain: [today, account], log });
    const { inspect } = troupe.runtime;
    const first = await inspect.events({ limit: 2 });
    expect(first).toMatchObject({ next: 2, isEnd: false });
    expect(first.events).toMatchObject([
      {
        aggregate: 'shelf',
        position: 1,
        type: 'put',
        schemaVersion: 1,
        data: { n: 1 },
        readsAs: [{ type: 'put', data: { count: 1 } }],
      },
      { aggregate: 'account', id: 'a', version: 1, data: { cents: 1 }, readsAs: undefined },
    ]);
    const accounts = await inspect.events({ aggregate: 'account', type: 'deposited', after: 3 });
    expect(accounts.events.map(({ position }) => position)).toEqual([4, 5]);
    expect(accounts.isEnd).toBe(true);
    const stream = await inspect.stream('account', 'a', { after: 1, limit: 2 });
    expect(stream).toMatchObject({
      next: 3,
      isEnd: false,
      events: [{ version: 2 }, { version: 3 }],
    });
    const broken = shelf(
      event({
        version: 2,
        schema: z.object({}),
        upcast: {
          1: () => {
            throw new Error('lost');
          },
        },
      }),
    );
    await using other = await testRuntime({ domain: [broken, account], log });
    const { events } = await other.runtime.inspect.events();
    expect(events).toHaveLength(5);
    expect(events[0]).toMatchObject({ data: { n: 1 }, unreadable: { code: 'StreamUnreadable' } });
    await expect(other.runtime.inspect.stateAt('shelf', 's')).rejects.toMatchObject({
      code: 'StreamUnreadable',
    });
  });
});

/** An aggregate whose one event is declared in different ways. */
function shelf(put: z.ZodType | ReturnType<typeof event>) {
  return defineAggregate({
    ...{ name: 'shelf', initialState: { count: 0 } },
    commands: { put: upsert(z.looseObject({})) },
    events: { put },
    decide: { put: (_state, data, context) => [context.event.put(data as never)] },
    evolve: { put: (state) => state },
  });
}
