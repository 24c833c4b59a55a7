import { defineAggregate, upsert } from 'troupe';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { account, check, deposit, grant, open, withdraw } from '../support/account.js';
import { conflict, fails, losesAnswer, losesStatement } from '../support/faults.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';

/** Also what does not say by an event that the stream is new. */
let paid: string[] = [];
const wallet = defineAggregate({
  name: 'wallet',
  commands: { offer: upsert(z.number()), pay: upsert(z.number()), crash: upsert(z.object({})) },
  events: { offered: z.number(), paid: z.number() },
  errors: { TOO_LITTLE: { number: 1, message: 'That is too little' } },
  initialState: { balance: 0, log: [] as number[] },
  decide: {
    offer(state, cents, context) {
      if (cents < 0) context.reject('TOO_LITTLE');
      return cents === state.balance ? [] : [context.event.offered(cents)];
    },
    pay: {
      durable: async (state, cents, { event }) => {
        paid.push(`${cents} of ${state.balance}`);
        return [event.paid(cents)];
      },
    },
    crash(state) {
      throw new RangeError(`a bug met ${state.balance}`);
    },
  },
  evolve: {
    offered(state, cents) {
      state.balance += cents;
      state.log.push(cents);
    },
    paid(state, cents) {
      state.balance -= cents;
    },
  },
});

const shards = useShards({ account, wallet });
const options = { newStreamsAfter: 3 };

/** A shard where the next new account, and the next new wallet, is taken to be one. */
async function trusting(): Promise<ShardUnderTest> {
  const one = await shards.start({ options });
  for (let i = 0; i < 3; i++) {
    await one.client(account).send(shards.id(), grant(1));
    await one.client(account).send(shards.id(), open);
    await one.client(wallet).send(shards.id(), { type: 'offer', data: 1 });
    await one.client(wallet).send(shards.id(), { type: 'pay', data: 1 });
  }
  paid = [];
  return one;
}

/** An account of three events, which this shard does not know. */
async function elsewhere(): Promise<string> {
  const id = shards.id();
  for (let version = 1; version <= 3; version++)
    await shards.insert(id, version, { data: '{"cents":10}' });
  return id;
}

describe('a command that has begun streams of late', () => {
  let one: ShardUnderTest;
  let loads: number;
  beforeEach(async () => {
    one = await trusting();
    loads = one.store.calls('load');
  });
  const loaded = () => one.store.calls('load') - loads;

  it('begins the next one without a look at the log', async () => {
    const ids = Array.from({ length: 50 }, () => shards.id());
    const receipts = await Promise.all(ids.map((id) => one.client(account).send(id, grant(7))));
    expect(receipts.map(({ version }) => version)).toEqual(ids.map(() => 1));
    expect(await one.client(account).send(ids[9] ?? '', deposit(5))).toMatchObject({ version: 2 });
    expect(await one.client(account).send(ids[9] ?? '', check)).toMatchObject({ version: 2 });
    expect(await one.client(account).send(shards.id(), open)).toMatchObject({ version: 1 });
    expect(loaded()).toBe(0);
    expect(one.store.calls('heads')).toBe(0);
    expect(await shards.log(ids[9] ?? '')).toMatchObject([
      { version: 1, data: { cents: 7 } },
      { version: 2, data: { cents: 5 } },
    ]);
  });

  it('finds those that exist all the same, and is not trusted again for a while', async () => {
    const id = await elsewhere();
    const others = Array.from({ length: 5 }, () => shards.id());
    const accounts = one.client(account);
    const all = [id, ...others].map((it) => accounts.send(it, grant(1)));
    const more = accounts.trySend(id, withdraw(32));
    const versions = (await Promise.all(all)).map(({ version }) => version);
    expect(versions).toEqual([4, 1, 1, 1, 1, 1]);
    expect(await more).toMatchObject({ ok: false, details: { balance: 31 } });
    expect(loaded()).toBe(1);
    for (let i = 0; i < 3; i++) await accounts.send(shards.id(), grant(1));
    expect(loaded()).toBe(4);
    await accounts.send(shards.id(), grant(1));
    expect(loaded()).toBe(4);
  });

  it('is rejected where the stream exists and may not', async () => {
    const id = await elsewhere();
    expect(await one.client(account).trySend(id, open)).toMatchObject({
      ok: false,
      code: 'ACCOUNT_ALREADY_EXISTS',
    });
  });

  it.each(['a log of many writers', 'a log of its own'])(
    'tells no version, rejection, failure or no-op before it was read: %s',
    async (log) => {
      one = await shards.start({ options: { newStreamsAfter: 0 } });
      const { commit } = one.shard;
      // Answers without events are then not compared with the log when they are stored.
      if (log === 'a log of its own') commit.writer = { ...commit.writer, lease: 'own' };
      const accounts = one.client(account);
      const id = await elsewhere();
      expect(await accounts.send(id, grant(1), { expectedVersion: 3 })).toMatchObject({
        version: 4,
      });

      const wallets = one.client(wallet);
      const offer = (data: number) => ({ type: 'offer', data }) as const;
      const stored = async (cents: number) => {
        const wallet = shards.id();
        await shards.insert(wallet, 1, { aggregate: 'wallet', type: 'offered', data: `${cents}` });
        return wallet;
      };
      const [idle, other] = [await stored(0), await stored(20)];
      await one.store.saveSnapshots([
        {
          ...{ aggregate: 'wallet', id: other, stateVersion: 1, version: 1, position: 0 },
          ...{ commandId: `command-${other}-1`, state: '{"balance":20,"log":[20]}' },
        },
      ]);
      await shards.insert(other, 2, { aggregate: 'wallet', type: 'paid', data: '15' });
      expect(await wallets.send(idle, offer(0))).toMatchObject({ version: 1, events: [] });
      expect(await wallets.trySend(shards.id(), offer(-1))).toMatchObject({ ok: false });
      expect(await wallets.trySend(other, offer(-1))).toMatchObject({ ok: false });
      expect(await wallets.send(other, offer(5))).toMatchObject({ version: 2, events: [] });

      const crash = { type: 'crash', data: {} } as const;
      await expect(wallets.send(await stored(7), crash)).rejects.toMatchObject({
        cause: { message: 'a bug met 7' },
      });
    },
  );

  it('never decides the others on a guess: queries, effects, commands on existing streams', async () => {
    const wallets = one.client(wallet);
    const id = shards.id();
    await shards.insert(id, 1, { aggregate: 'wallet', type: 'offered', data: '50' });
    expect(await wallets.send(id, { type: 'pay', data: 20 })).toMatchObject({ version: 2 });
    expect(paid).toEqual(['20 of 50']);
    const known = await elsewhere();
    expect(await one.client(account).state(known)).toMatchObject({ version: 3 });
    expect(await one.client(account).send(await elsewhere(), check)).toMatchObject({ version: 3 });
    expect(loaded()).toBe(3);
  });

  it('runs no effect of a command that came behind an expired one', async () => {
    const wallets = one.client(wallet);
    const id = shards.id();
    await shards.insert(id, 1, { aggregate: 'wallet', type: 'offered', data: '50' });
    const late = wallets.trySend(id, { type: 'offer', data: 5 }, { timeoutMs: 1 });
    const pays = wallets.send(id, { type: 'pay', data: 20 });
    one.clock.advance(10);
    await expect(late).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    expect(await pays).toMatchObject({ version: 2 });
    expect(paid).toEqual(['20 of 50']);
  });

  it('has the outcome that its key has, whoever stored it', async () => {
    const other = await shards.start();
    const key = { idempotencyKey: 'key' };
    const [accepted, rejected] = [shards.id(), shards.id()];
    const first = await other.client(account).send(accepted, grant(5), key);
    await other.client(wallet).trySend(rejected, { type: 'offer', data: -1 }, key);
    const again = await one.client(account).send(accepted, grant(5), key);
    expect(again).toMatchObject({ deduplicated: true, version: 1, events: first.events });
    const offer = { type: 'offer', data: -1 } as const;
    expect(await one.client(wallet).trySend(rejected, offer, key)).toMatchObject({
      ok: false,
      deduplicated: true,
    });
    expect(await shards.log(accepted)).toHaveLength(1);
  });

  it.each([
    ['loses its answer', losesAnswer],
    ['is lost', losesStatement],
    ['meets a lock', fails('locked')],
    ['meets a conflict that is gone', conflict],
  ])('is answered once where its append %s', async (_, fault) => {
    const id = shards.id();
    one.store.next('append', fault);
    const receipts = await Promise.all([1, 2].map((n) => one.client(account).send(id, grant(n))));
    expect(receipts.map(({ version }) => version)).toEqual([1, 2]);
    expect(await shards.log(id)).toHaveLength(2);
  });
});
