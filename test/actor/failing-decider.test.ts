import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { account, check, crash, deposit, grant, withdraw } from '../support/account.js';
import { hold, losesAnswer } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const throwables: Record<string, unknown> = {
  bigint: Object.assign(new Error('with a bigint'), { details: { amount: 1n } }),
  cycle: Object.assign(new Error('with a cycle'), { details: cycle() }),
  nothing: undefined,
  text: 'just text',
  hostile: {
    get message() {
      throw new Error('no');
    },
    toString() {
      throw new Error('no');
    },
  },
};

const fragile = defineAggregate({
  name: 'fragile',
  commands: { push: upsert(z.array(z.string())), hurl: upsert(z.string()) },
  events: { pushed: z.string() },
  initialState: { items: [] as string[] },
  decide: {
    push: (_state, items, { event }) => items.map((item) => event.pushed(item)),
    hurl: (_state, what) => {
      throw throwables[what];
    },
  },
  evolve: {
    pushed(state, item) {
      state.items.push(item);
      if (item === 'poison') throw new Error('evolve choked on poison');
    },
  },
});

const shards = useShards({ account, fragile });

describe('a decider that throws', () => {
  it('fails its command after the commit of the state it saw, and no other', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const before = accounts.send(id, deposit(5));
    const failing = watch(accounts.send(id, crash));
    const after = accounts.send(id, deposit(1));
    await held.reached;
    await turns();
    expect(failing.settled).toBe(false);
    held.release();
    await expect(failing.promise).rejects.toMatchObject({
      outcome: 'failed',
      code: 'CommandFailed',
      message: `account.crash on ${id} failed: a bug met a balance of 15`,
      details: { aggregate: 'account', id, command: 'crash', commandId: expect.any(String) },
      cause: { name: 'RangeError', message: 'a bug met a balance of 15' },
    });
    expect(await before).toMatchObject({ version: 2 });
    expect(await after).toMatchObject({ version: 3 });
    expect(await accounts.state(id)).toMatchObject({ state: { balance: 16 } });
  });

  it('is judged on the log: with another writer in between it may succeed', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2, { data: '{"cents":41}' });
    const result = accounts.send(id, crash);
    await expect(result).rejects.toMatchObject({ cause: { message: 'a bug met a balance of 42' } });
  });

  it('rebuilds the actor only once none of its rows is in flight', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const loads = one.store.calls('load');
    const sent = [accounts.send(id, deposit(1)), watch(accounts.send(id, crash)).promise];
    const later = accounts.send(id, withdraw(2));
    await held.reached;
    await turns();
    expect(one.store.calls('load')).toBe(loads);
    held.release();
    await Promise.allSettled(sent);
    expect(await later).toMatchObject({ version: 3 });
    expect(one.store.calls('load')).toBe(loads + 1);
  });

  it('waits before the next command once it failed again and again, and others do not', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const [id, other] = [shards.id(), shards.id()];
    await accounts.send(id, grant(1));
    for (let i = 0; i < 3; i++) await accounts.send(id, crash).catch(() => undefined);
    await accounts.send(id, check); // caught up at once, and a success starts the count anew
    for (let i = 0; i < 8; i++) await accounts.send(id, crash).catch(() => undefined);
    const loads = one.store.calls('load');
    const waiting = watch(accounts.send(id, check));
    await accounts.send(other, grant(1));
    expect(waiting.settled).toBe(false);
    expect(one.store.calls('load')).toBe(loads + 1); // that of the other
    expect(await waiting.promise).toMatchObject({ version: 1 });
  });

  it.each(Object.keys(throwables))('may throw anything: %s', async (what) => {
    const fragiles = (await shards.start()).client(fragile);
    const id = shards.id();
    const thrown = fragiles.send(id, { type: 'hurl', data: what });
    await expect(thrown).rejects.toMatchObject({ code: 'CommandFailed' });
    await fragiles.send(id, { type: 'push', data: ['fine'] });
  });
});

describe('an evolver that throws', () => {
  it('keeps all events of its command out of the log, and out of the state', async () => {
    const fragiles = (await shards.start()).client(fragile);
    const id = shards.id();
    await fragiles.send(id, { type: 'push', data: ['a'] });
    const calls = await Promise.allSettled([
      fragiles.send(id, { type: 'push', data: ['b'] }),
      fragiles.send(id, { type: 'push', data: ['half', 'poison', 'never'] }),
      fragiles.send(id, { type: 'push', data: ['c'] }),
    ]);
    expect(calls).toMatchObject([
      { value: { version: 2 } },
      { reason: { code: 'CommandFailed', cause: { message: 'evolve choked on poison' } } },
      { value: { version: 3 } },
    ]);
    expect((await shards.log(id, 'fragile')).map((event) => event.data)).toEqual(['a', 'b', 'c']);
    expect(await fragiles.state(id)).toMatchObject({
      version: 3,
      state: { items: ['a', 'b', 'c'] },
    });
  });

  it('is met on the state as it is, also when the commit before was ambiguous', async () => {
    const one = await shards.start();
    const fragiles = one.client(fragile);
    const id = shards.id();
    one.store.next('append', losesAnswer);
    const calls = await Promise.allSettled([
      fragiles.send(id, { type: 'push', data: ['a'] }),
      fragiles.send(id, { type: 'push', data: ['b', 'poison'] }),
      fragiles.send(id, { type: 'push', data: ['c'] }),
    ]);
    expect(calls.map((call) => call.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await shards.log(id, 'fragile')).map((event) => event.data)).toEqual(['a', 'c']);
    expect(await fragiles.state(id)).toMatchObject({ state: { items: ['a', 'c'] } });
  });
});

function cycle(): object {
  const details: Record<string, unknown> = {};
  details.self = details;
  return details;
}
