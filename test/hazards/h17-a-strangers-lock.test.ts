import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { account, deposit, grant } from '../support/account.js';
import { fails } from '../support/faults.js';
import { watch } from '../support/settling.js';
import { insertEvent, useShards } from '../support/use-shards.js';

const shards = useShards();
const options = { lockTimeoutMs: 100 };

describe('H17 an open transaction of a stranger on one id', () => {
  it('H17 delays only that id: the rest of its batch commits, and later batches too', async () => {
    const one = await shards.start({ options });
    const accounts = one.client(account);
    const ids = Array.from({ length: 9 }, () => shards.id());
    const blocked = ids[4] ?? '';
    await Promise.all(ids.map((id) => accounts.send(id, grant(1))));
    const stranger = await holding(blocked);
    const reloaded = new Set<string>();
    one.store.always('load', ({ args: [requests], go }) => {
      for (const { id } of requests) reloaded.add(id);
      return go();
    });
    const calls = ids.map((id) => watch(accounts.send(id, deposit(1))));
    const others = calls.filter((_, i) => i !== 4);
    const receipts = await Promise.all(others.map((call) => call.promise));
    expect(receipts.map((receipt) => receipt.version)).toEqual(others.map(() => 2));
    expect(await accounts.send(ids[0] ?? '', deposit(1))).toMatchObject({ version: 3 });
    expect(calls[4]?.settled).toBe(false);
    await stranger.query('ROLLBACK');
    expect(await calls[4]?.promise).toMatchObject({ version: 2 });
    expect([...reloaded]).toEqual([blocked]); // nobody else was cut out
  });

  it('H17 ends in a plain conflict when the stranger commits', async () => {
    const one = await shards.start({ options });
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    const stranger = await holding(id);
    const sent = watch(accounts.send(id, deposit(5), { state: true }));
    await accounts.send(shards.id(), grant(1));
    expect(sent.settled).toBe(false);
    await stranger.query('COMMIT');
    expect(await sent.promise).toMatchObject({ version: 3, state: { balance: 7 } });
  });

  it('H17 holds up the others less and less: who is blocked again and again backs off longer', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', ...Array.from({ length: 5 }, () => fails('locked')));
    const starts: number[] = [];
    one.store.always('append', ({ go }) => go());
    const sent = watch(accounts.send(id, grant(1)));
    for (let seen = 0; starts.length < 5; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (one.store.calls('append') === seen) continue;
      seen = one.store.calls('append');
      starts.push(performance.now());
    }
    const pauses = starts.slice(1).map((at, i) => at - (starts[i] as number));
    // At least 50, 100, 200, 400 ms: half of a pause that doubles.
    pauses.forEach((ms, i) => void expect(ms).toBeGreaterThan(45 * 2 ** i));
    await one.stop(0);
    await sent.promise.catch(() => undefined);
  });

  /** A stranger that has inserted the next version of an account and not ended its transaction. */
  async function holding(id: string): Promise<pg.Client> {
    const stranger = await shards.stranger();
    await stranger.query('BEGIN');
    const given = { type: 'deposited', data: '{"cents":1}' };
    await insertEvent(stranger, shards.schema, eventRow({ aggregate: 'account', id }, 2, given));
    return stranger;
  }
});
