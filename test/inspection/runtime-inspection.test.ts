import { create, defineAggregate, event, MemoryLog, upsert } from 'troupe';
import { hold, testRuntime } from 'troupe/testing';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { deferred } from '../../src/internal/deferred.js';
import { account, check, crash, deposit, grant, open, withdraw } from '../support/account.js';

const reason = { who: 'Ada', why: 'a test' };
const until = (look: () => Promise<void> | void) =>
  vi.waitFor(look, { timeout: 5000, interval: 5 });

describe('the shards of a runtime', () => {
  it('are shown with actors, mailboxes, batch in flight and what waits behind it', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    await accounts.send('a', grant(3));
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const first = accounts.send('a', deposit(1));
    await held.reached;
    const later = [accounts.send('a', deposit(2)), accounts.send('b', grant(2))];
    await until(async () => {
      const [shard] = await troupe.runtime.inspect.shards();
      expect(shard).toMatchObject({
        ...{
          shard: 0,
          condition: 'running',
          thread: undefined,
          actors: 2,
          restarts: 0,
          inFlight: 3,
        },
        batch: { commands: 1, rows: 1 },
        uncommittedTail: { commands: 2, rows: 2 },
        ...{ phase: 'none', quarantined: 0 },
      });
      expect(shard?.slices).toHaveLength(256);
      expect(shard?.commitLatency.count).toBe(1);
      expect(shard?.batch?.bytes).toBeGreaterThan(100);
    });
    held.release();
    await Promise.all([first, ...later]);
    const [shard] = await troupe.runtime.inspect.shards();
    expect(shard).toMatchObject({ batch: undefined, uncommittedTail: { commands: 0, rows: 0 } });
  });
});

describe('live actors', () => {
  it('are listed in pages, by the name that code gives their aggregate', async () => {
    const renamed = defineAggregate({
      ...{ name: 'konto', storedAs: 'kto', initialState: {} },
      commands: { touch: upsert(z.object({})) },
      events: { touched: z.object({}) },
      decide: { touch: (_state, data, context) => [context.event.touched(data)] },
      evolve: { touched: (state) => state },
    });
    await using troupe = await testRuntime({ domain: [account, renamed] });
    for (let i = 0; i < 5; i++) await troupe.aggregate(account).send(`a${i}`, grant(1));
    await troupe.aggregate(renamed).send('k', { type: 'touch', data: {} });
    const { inspect } = troupe.runtime;
    const first = await inspect.actors({ limit: 3 });
    expect(first).toMatchObject({ total: 6, silent: [] });
    const second = await inspect.actors({ limit: 3, after: first.next! });
    expect([...first.actors, ...second.actors].map(({ aggregate, id }) => [aggregate, id])).toEqual(
      [...[0, 1, 2, 3, 4].map((i) => ['account', `a${i}`]), ['konto', 'k']],
    );
    const beyond = await inspect.actors({ after: second.next ?? '', limit: 3 });
    expect(beyond).toMatchObject({ actors: [], next: undefined, total: 6 });
    expect(await inspect.actors({ aggregate: 'konto' })).toMatchObject({
      actors: [{ shard: 0, aggregate: 'konto', id: 'k', status: 'idle', version: 1, mailbox: 0 }],
      next: undefined,
    });
  });

  it('cannot be asked for what makes no sense', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const { inspect } = troupe.runtime;
    const { next } = await (async () => {
      for (const id of ['a', 'b']) await troupe.aggregate(account).send(id, grant(1));
      return inspect.actors({ limit: 1 });
    })();
    const message = (text: string) => ({
      code: 'InvalidOption',
      message: expect.stringContaining(text),
    });
    await expect(inspect.actors({ limit: 0 })).rejects.toMatchObject(
      message('from 1 to 1000, got 0'),
    );
    await expect(inspect.actors({ after: 'x' })).rejects.toMatchObject(message('sorted by id'));
    await expect(inspect.actors({ after: next!, sort: 'bytes' })).rejects.toMatchObject(
      message('sorted by bytes'),
    );
    await expect(inspect.actors({ sort: 'age' as never })).rejects.toMatchObject(
      message('one of id'),
    );
    await expect(inspect.actors({ aggregate: 'acount' })).rejects.toMatchObject({
      code: 'UnknownAggregate',
      message: expect.stringContaining('account'),
    });
    await expect(inspect.actor('account', '')).rejects.toMatchObject(message('empty string'));
    await expect(inspect.stateAt('account', 'a', { version: -1 })).rejects.toMatchObject(
      message('version'),
    );
    await expect(inspect.diff('account', 'a', 2, 1)).rejects.toMatchObject(message('from 2 on'));
    const nobody = inspect.passivate('account', 'a', { who: '', why: 'x' });
    await expect(nobody).rejects.toMatchObject(message('who: expected'));
    expect(await inspect.audit()).toEqual({ entries: [], next: undefined });
  });
});

describe('one actor', () => {
  it('is shown with its mailbox, its command at work, its last commands and its last error', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    const { inspect } = troupe.runtime;
    expect(await inspect.actor('account', 'a')).toMatchObject({
      ...{ aggregate: 'account', id: 'a', shard: 0, status: 'notLive', live: undefined },
      ...{ stream: { version: 0, position: 0 }, commands: [], subscriptions: [] },
    });
    await accounts.send('a', grant(3));
    await accounts.trySend('a', withdraw(9));
    await expect(accounts.send('a', crash)).rejects.toMatchObject({ outcome: 'failed' });
    await accounts.send('a', check);
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const under = [accounts.send('a', deposit(1), { commandId: 'slow' })];
    await held.reached;
    await until(async () =>
      expect(await inspect.actor('account', 'a')).toMatchObject({
        ...{ status: 'committing', stream: { version: 1, position: 1 } },
        live: {
          ...{ version: 1, position: 1, decidedVersion: 2, uncommitted: 1 },
          atWork: { type: 'deposit', commandId: 'slow', phase: 'committing', attempts: 1 },
          mailbox: { commands: 0, headAgeMs: 0 },
        },
        commands: [
          { type: 'check', outcome: 'accepted' },
          { type: 'crash', outcome: 'failed', code: 'RangeError' },
          { type: 'withdraw', outcome: 'rejected', code: 'ACCOUNT_OVERDRAWN' },
          { type: 'grant', outcome: 'accepted' },
        ],
        lastError: { type: 'crash', code: 'RangeError' },
      }),
    );
    held.release();
    await Promise.all(under);
    const { live, watchedSince } = await inspect.actor('account', 'a');
    expect(live).toMatchObject({ status: 'idle', version: 2, atWork: undefined });
    expect(live?.recoveries.count).toBe(2); // for its first command, and after the crash
    expect(watchedSince).toBeTypeOf('number');
  });

  it('is shown while it is loaded, and while an async decider runs', async () => {
    const gate = deferred<void>();
    const slow = defineAggregate({
      ...{ name: 'slow', initialState: {} },
      commands: { wait: upsert(z.object({})) },
      events: { waited: z.object({}) },
      decide: {
        wait: {
          durable: async (_state, data, { event: events }) => {
            await gate.promise;
            return [events.waited(data)];
          },
        },
      },
      evolve: { waited: (state) => state },
    });
    await using troupe = await testRuntime({ domain: [slow] });
    const held = hold<'load'>();
    troupe.faults.next('load', held.fault);
    const wait = { type: 'wait', data: {} } as const;
    const sent = [troupe.aggregate(slow).send('a', wait), troupe.aggregate(slow).send('a', wait)];
    await held.reached;
    const { inspect } = troupe.runtime;
    expect(await inspect.actor('slow', 'a')).toMatchObject({
      status: 'recovering',
      live: { mailbox: { commands: 2, head: 'wait' } },
    });
    held.release();
    await until(async () =>
      expect(await inspect.actor('slow', 'a')).toMatchObject({
        status: 'busy',
        live: { atWork: { phase: 'deciding', type: 'wait' }, mailbox: { commands: 1 } },
      }),
    );
    gate.resolve();
    await Promise.all(sent);
  });
});

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

describe('what operators do', () => {
  it('is put down before it is done, with who, why and what came of it', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const { inspect } = troupe.runtime;
    await troupe.aggregate(account).create(open, { id: 'a' });
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({
      audit: 1,
      result: 'done',
    });
    expect(await inspect.actor('account', 'a')).toMatchObject({ live: undefined });
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({ result: 'notLive' });
    expect(await inspect.snapshot('account', 'a', reason)).toMatchObject({ result: 'done' });
    expect(await inspect.snapshot('account', 'b', reason)).toMatchObject({ result: 'notLive' });
    expect((await inspect.actor('account', 'a')).snapshot).toMatchObject({
      version: 1,
      eventsSince: 0,
    });
    const { entries, next } = await inspect.audit({ limit: 2 });
    expect(entries).toMatchObject([
      { number: 4, verb: 'snapshot', aggregate: 'account', id: 'b', result: 'notLive', ...reason },
      { number: 3, verb: 'snapshot', id: 'a', result: 'done', finishedAt: troupe.clock.now() },
    ]);
    const rest = await inspect.audit({ after: next! });
    expect(rest.entries.map(({ number, verb }) => [number, verb])).toEqual([
      [2, 'passivate'],
      [1, 'passivate'],
    ]);
    const one = await inspect.audit({ aggregate: 'account', id: 'b' });
    expect(one.entries.map(({ number }) => number)).toEqual([4]);
  });

  it('does not passivate an actor that has work, nor lose its commands', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = troupe.aggregate(account).send('a', grant(1));
    await held.reached;
    const { inspect } = troupe.runtime;
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({
      result: 'busy',
      message: 'it has work: 0 commands wait, 1 decisions are not durable yet (ready)',
    });
    held.release();
    expect(await sent).toMatchObject({ version: 1 });
  });

  it('reloads an actor from the log, and what it had decided is durable first', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    const { inspect } = troupe.runtime;
    await accounts.create(open, { id: 'a' });
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = [accounts.send('a', deposit(1)), accounts.send('a', deposit(2))];
    await held.reached;
    await until(async () =>
      expect((await inspect.actor('account', 'a')).live).toMatchObject({ decidedVersion: 3 }),
    );
    expect(await inspect.reload('account', 'a', reason)).toMatchObject({ result: 'done' });
    sent.push(accounts.send('a', deposit(4)));
    // It waits: there is no state to decide it on until what was decided is durable.
    await until(async () =>
      expect((await inspect.actor('account', 'a')).live?.mailbox).toMatchObject({ commands: 1 }),
    );
    held.release();
    expect((await Promise.all(sent)).map((receipt) => receipt.version)).toEqual([2, 3, 4]);
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 7 } });
    expect((await inspect.actor('account', 'a')).live?.recoveries).toMatchObject({ count: 2 });
    const idle = await inspect.reload('account', 'a', reason);
    expect(idle).toMatchObject({ result: 'done' });
    expect(await accounts.send('a', deposit(1))).toMatchObject({ version: 5 });
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 8 } });
  });

  it('quarantines an actor: commands that come or wait are refused until it is released', async () => {
    const log = new MemoryLog();
    const refused = { code: 'Quarantined', outcome: 'refused' };
    {
      await using troupe = await testRuntime({ domain: [account], log });
      const accounts = troupe.aggregate(account);
      const { inspect } = troupe.runtime;
      await accounts.create(open, { id: 'a' });
      await inspect.passivate('account', 'a', reason);
      const held = hold<'load'>();
      troupe.faults.next('load', held.fault);
      const waiting = accounts.send('a', deposit(1)).catch((error: unknown) => error);
      await held.reached;
      expect(await inspect.quarantine('account', 'a', reason)).toMatchObject({ result: 'done' });
      expect(await waiting).toMatchObject(refused);
      held.release();
      await expect(accounts.send('a', deposit(1))).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(
          /account\/a is quarantined until it is released \(by Ada, .*: a test\)/,
        ),
        details: { aggregate: 'account', id: 'a', ...reason },
      });
      await expect(accounts.state('a')).rejects.toMatchObject(refused);
      expect(await accounts.send('b', grant(1))).toMatchObject({ version: 1 });
      expect(await inspect.actor('account', 'a')).toMatchObject({
        status: 'quarantined',
        quarantine: reason,
      });
      expect((await inspect.stateAt('account', 'a'))?.version).toBe(1);
    }
    await using again = await testRuntime({ domain: [account], log });
    const accounts = again.aggregate(account);
    const { inspect } = again.runtime;
    await expect(accounts.send('a', deposit(1))).rejects.toMatchObject(refused);
    expect(await inspect.quarantined()).toMatchObject([
      { aggregate: 'account', id: 'a', ...reason },
    ]);
    expect(await inspect.release('account', 'a', reason)).toMatchObject({ result: 'done' });
    expect(await accounts.send('a', deposit(1))).toMatchObject({ version: 2 });
    expect(await inspect.quarantined()).toEqual([]);
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
