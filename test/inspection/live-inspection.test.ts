import { defineAggregate, upsert } from 'troupe';
import { hold, testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deferred } from '../../src/internal/deferred.js';
import { sliceOf } from '../../src/messages/slice.js';
import { account, check, crash, deposit, grant, withdraw } from '../support/account.js';
import { eventually } from '../support/eventually.js';

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
    await eventually(async () => {
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

  it('tell what was answered, how fast, and where the load is', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    for (const id of ['a', 'b', 'a']) await accounts.send(id, grant(1));
    await accounts.send('a', deposit(-1)).catch(() => undefined);
    await accounts.state('b');
    const [shard] = await troupe.runtime.inspect.shards();
    expect(shard?.commands).toMatchObject({ accepted: 3, refused: 1, failed: 0, state: 1 });
    expect(shard?.commandDuration.count).toBe(5);
    const bySlice = new Map(shard?.slices.map((slice, i) => [slice, shard.sliceCommands[i]]));
    expect(bySlice.get(sliceOf('account', 'a'))).toBe(3);
    expect(bySlice.get(sliceOf('account', 'b'))).toBe(2);
    expect([...bySlice.values()].filter((count) => count !== 0)).toHaveLength(2);
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
    await eventually(async () =>
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

  it('tells how long its decider has been at a command apart from how long that waited', async () => {
    const gates = [deferred<void>(), deferred<void>()] as const;
    let calls = 0;
    const slow = slowly(() => gates[calls++]?.promise);
    await using troupe = await testRuntime({ domain: [slow] });
    const wait = { type: 'wait', data: {} } as const;
    const send = () => troupe.aggregate(slow).send('a', wait);
    const atWork = async () => (await troupe.runtime.inspect.actor('slow', 'a')).live?.atWork;
    const sent = [send(), send()];
    await eventually(async () => expect((await atWork())?.decidingMs).toBeGreaterThan(50));
    gates[0].resolve();
    await eventually(() => expect(calls).toBe(2));
    const { ageMs = 0, decidingMs = 0 } = (await atWork()) ?? {};
    expect(ageMs - decidingMs).toBeGreaterThan(45);
    gates[1].resolve();
    await Promise.all(sent);
  });

  it('is shown while it is loaded, and while an async decider runs', async () => {
    const gate = deferred<void>();
    const slow = slowly(() => gate.promise);
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
    await eventually(async () =>
      expect(await inspect.actor('slow', 'a')).toMatchObject({
        status: 'busy',
        live: { atWork: { phase: 'deciding', type: 'wait' }, mailbox: { commands: 1 } },
      }),
    );
    gate.resolve();
    await Promise.all(sent);
  });
});

/** An aggregate whose decider takes as long as this. */
function slowly(work: () => Promise<void> | undefined) {
  return defineAggregate({
    ...{ name: 'slow', initialState: {} },
    commands: { wait: upsert(z.object({})) },
    events: { waited: z.object({}) },
    decide: {
      wait: {
        durable: async (_state, data, { event: events }) => {
          await work();
          return [events.waited(data)];
        },
      },
    },
    evolve: { waited: (state) => state },
  });
}
