import { defineAggregate, upsert } from 'troupe';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Deferred, deferred } from '../../src/internal/deferred.js';
import { fails, hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

/** One call of the payment service. */
interface Payment {
  readonly balance: number;
  readonly attempt: number;
  readonly now: number;
  readonly ids: readonly string[];
  readonly done: Deferred<void>;
}
let payments: Payment[] = [];
let called = deferred<Payment>();
const beginsToPay = async (): Promise<Payment> => {
  const payment = await called.promise;
  called = deferred();
  return payment;
};

const purse = defineAggregate({
  name: 'purse',
  commands: { fill: upsert(z.number()), pay: upsert(z.number()) },
  events: { filled: z.number(), paid: z.object({ cents: z.number(), by: z.string() }) },
  errors: { EMPTY: { number: 1, message: 'The purse is empty' } },
  initialState: { balance: 0 },
  decide: {
    fill: (_state, cents, { event }) => [event.filled(cents)],
    pay: {
      durable: async (state, cents, context) => {
        if (cents < 0) throw new RangeError('negative');
        const { attempt, now } = context;
        const ids = [context.newId(), context.newId()];
        const payment = {
          balance: state.balance,
          attempt,
          now: now.getTime(),
          ids,
          done: deferred<void>(),
        };
        payments.push(payment);
        called.resolve(payment);
        await payment.done.promise;
        if (cents > state.balance) context.reject('EMPTY');
        return [context.event.paid({ cents, by: context.newId() })];
      },
    },
  },
  evolve: {
    filled(state, cents) {
      state.balance += cents;
    },
    paid(state, { cents }) {
      state.balance -= cents;
    },
  },
});

const fill = (data: number) => ({ type: 'fill', data }) as const;
const pay = (data: number) => ({ type: 'pay', data }) as const;
const shards = useShards({ purse });

beforeEach(() => {
  payments = [];
  called = deferred();
});

describe('a durable decider', () => {
  it('H11 calls its services only on a state that is durable', async () => {
    const one = await shards.start();
    const purses = one.client(purse);
    const id = shards.id();
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const filled = watch(purses.send(id, fill(10)));
    const paid = purses.send(id, pay(4));
    await held.reached;
    await turns();
    expect(payments).toEqual([]);
    held.release();
    const payment = await beginsToPay();
    expect(filled.settled).toBe(true);
    expect(await shards.log(id, 'purse')).toHaveLength(1);
    expect(payment).toMatchObject({ balance: 10, attempt: 1 });
    payment.done.resolve();
    expect(await paid).toMatchObject({ version: 2 });
  });

  it('H11 never learns of a state that did not become durable', async () => {
    const one = await shards.start();
    const purses = one.client(purse);
    const id = shards.id();
    await purses.send(id, fill(1));
    one.store.next('append', async () => {
      await shards.insert(id, 2, { aggregate: 'purse', type: 'filled', data: '100' });
      return fails('conflict')({
        operation: 'append',
        args: [] as never,
        go: () => Promise.reject(new Error('not run')),
      });
    });
    const filled = purses.send(id, fill(10));
    const paid = purses.send(id, pay(4));
    (await beginsToPay()).done.resolve();
    await Promise.all([filled, paid]);
    expect(payments.map((payment) => payment.balance)).toEqual([111]);
  });

  it('holds up its own actor only, in order', async () => {
    const one = await shards.start();
    const purses = one.client(purse);
    const [id, other] = [shards.id(), shards.id()];
    await purses.send(id, fill(10));
    const paid = watch(purses.send(id, pay(4)));
    const behind = watch(purses.send(id, fill(1)));
    const payment = await beginsToPay();
    await purses.send(other, fill(1));
    expect([paid.settled, behind.settled]).toEqual([false, false]);
    payment.done.resolve();
    expect(await paid.promise).toMatchObject({ version: 2 });
    expect(await behind.promise).toMatchObject({ version: 3 });
  });

  it('runs again after a conflict: same time, same ids, attempt counted, state of the other', async () => {
    const one = await shards.start();
    const purses = one.client(purse);
    const id = shards.id();
    await purses.send(id, fill(10));
    const occurredAt = Date.UTC(2020, 0, 1);
    const paid = purses.send(id, pay(4), { occurredAt });
    const first = await beginsToPay();
    await shards.insert(id, 2, { aggregate: 'purse', type: 'filled', data: '5' });
    one.clock.advance(1000);
    first.done.resolve();
    const second = await beginsToPay();
    second.done.resolve();
    const receipt = await paid;
    expect(receipt.version).toBe(3);
    expect(first).toMatchObject({ attempt: 1, balance: 10, now: occurredAt });
    expect(second).toMatchObject({ attempt: 2, balance: 15, now: occurredAt, ids: first.ids });
    expect(new Set(first.ids).size).toBe(2);
    const { data } = receipt.events[0] ?? {};
    expect(first.ids).not.toContain((data as { by: string }).by);
  });

  it('rejects and fails like any other, on the log as it is', async () => {
    const purses = (await shards.start()).client(purse);
    const id = shards.id();
    await purses.send(id, fill(1));
    const rejected = purses.trySend(id, pay(4));
    (await beginsToPay()).done.resolve();
    expect(await rejected).toMatchObject({ ok: false, shortCode: 'EMPTY' });
    await expect(purses.send(id, pay(-1))).rejects.toMatchObject({ code: 'CommandFailed' });
    expect(await purses.send(id, fill(1))).toMatchObject({ version: 2 });
  });

  it('H10 is decided anew, its late result dropped, when the server changed meanwhile', async () => {
    const one = await shards.start();
    const purses = one.client(purse);
    const [id, other] = [shards.id(), shards.id()];
    await purses.send(id, fill(10));
    const paid = purses.send(id, pay(4));
    const first = await beginsToPay();
    one.store.next('append', fails('restarted'));
    one.store.next('fence', async ({ go }) => ({ ...(await go()), incarnation: 'another server' }));
    const elsewhere = purses.send(other, fill(1));
    await elsewhere;
    first.done.resolve();
    const second = await beginsToPay();
    expect(second).toMatchObject({ balance: 10, attempt: 2 });
    second.done.resolve();
    expect(await paid).toMatchObject({ version: 2 });
    expect(one.store.calls('heads')).toBe(0); // the late result was not even submitted
  });
});
