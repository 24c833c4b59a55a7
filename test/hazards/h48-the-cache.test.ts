import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deferred } from '../../src/internal/deferred.js';
import { account, deposit, grant } from '../support/account.js';
import { hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

let pause = deferred<void>();
const sleeper = defineAggregate({
  name: 'sleeper',
  commands: { sleep: upsert(z.object({})) },
  events: { slept: z.object({}) },
  initialState: {},
  decide: {
    sleep: {
      durable: async (_state, _data, { event }) => {
        await pause.promise;
        return [event.slept({})];
      },
    },
  },
  evolve: { slept() {} },
});

const shards = useShards({ account, sleeper });
const HOUR_MS = 3_600_000;
const FULL = Number.MAX_SAFE_INTEGER;

describe('H48 the cache', () => {
  it('H48 never takes out an actor with work, however old or full', async () => {
    pause = deferred();
    const one = await shards.start({ options: { heapBytes: 1 } });
    const accounts = one.client(account);
    const [loading, committing, deciding] = [shards.id(), shards.id(), shards.id()];
    await accounts.send(committing, grant(1));
    const slept = watch(
      one.client(sleeper).send(deciding, { type: 'sleep', data: {} }, { timeoutMs: HOUR_MS * 20 }),
    );
    await turns();
    const [append, load] = [hold<'append'>(), hold<'load'>()];
    one.store.next('append', append.fault);
    one.store.next('load', load.fault);
    const calls = [
      ...[accounts.send(committing, deposit(1)), accounts.send(committing, deposit(2))],
      accounts.send(loading, grant(1), { timeoutMs: HOUR_MS * 20 }),
    ];
    await Promise.all([append.reached, load.reached]);
    for (let i = 0; i < 10; i++) {
      one.clock.advance(HOUR_MS);
      one.tick(FULL);
      await turns(2);
    }
    expect(one.actorCount).toBe(3);
    const loads = one.store.calls('load');
    append.release();
    load.release();
    pause.resolve();
    expect((await Promise.all(calls)).map((receipt) => receipt.version)).toEqual([2, 3, 1]);
    expect(await slept.promise).toMatchObject({ version: 1 });
    expect(one.store.calls('load')).toBe(loads);
  });

  it('H48 lets idle actors leave by age without anybody asking for them', async () => {
    const one = await shards.start({ options: { idleMs: HOUR_MS } });
    const accounts = one.client(account);
    const [old, young] = [shards.id(), shards.id()];
    await accounts.send(old, grant(1));
    one.clock.advance(HOUR_MS - 60_000);
    one.tick();
    await accounts.send(young, grant(1));
    expect(one.actorCount).toBe(2);
    one.clock.advance(60_000);
    one.tick();
    expect(one.actorCount).toBe(1);
    const loads = one.store.calls('load');
    await accounts.send(young, deposit(1));
    expect(one.store.calls('load')).toBe(loads);
    one.clock.advance(HOUR_MS);
    one.tick();
    one.tick();
    expect(one.actorCount).toBe(0);
  });

  it('H48 lets idle actors leave while the heap is over its budget, longest idle first', async () => {
    const one = await shards.start({ options: { heapBytes: 1_000_000 } });
    const accounts = one.client(account);
    const ids = Array.from({ length: 20 }, () => shards.id());
    for (const id of ids) await accounts.send(id, grant(1));
    one.clock.advance(60_000);
    one.tick(1_000_000);
    expect(one.actorCount).toBe(20);
    one.tick(1_000_001);
    expect(one.actorCount).toBe(18);
    for (let i = 0; i < 30; i++) one.tick(1_000_001);
    expect(one.actorCount).toBe(0);
  });

  it('H48 loses nothing: state and version are those before', async () => {
    const one = await shards.start({ options: { idleMs: 1 } });
    const accounts = one.client(account);
    const ids = Array.from({ length: 10 }, () => shards.id());
    for (let round = 1; round <= 3; round++) {
      const receipts = await Promise.all(
        ids.map((id, i) => accounts.send(id, grant(i + 1), { state: true })),
      );
      receipts.forEach((receipt, i) => {
        expect(receipt).toMatchObject({ version: round, state: { balance: round * (i + 1) } });
      });
      one.clock.advance(HOUR_MS);
      one.tick();
      expect(one.actorCount).toBe(0);
    }
  });

  it('H48 serves a command that comes while its actor leaves by the next activation', async () => {
    const one = await shards.start({ options: { idleMs: 1 } });
    const accounts = one.client(account);
    const id = shards.id();
    for (let i = 0; i < 25; i++) await accounts.send(id, grant(1));
    const held = hold<'saveSnapshots'>();
    one.store.next('saveSnapshots', held.fault);
    one.clock.advance(HOUR_MS);
    one.tick();
    await held.reached;
    expect(await accounts.send(id, deposit(1))).toMatchObject({ version: 26 });
    held.release();
    expect(await accounts.state(id)).toMatchObject({ version: 26, state: { balance: 26 } });
  });
});
