import { describe, expect, it } from 'vitest';
import { account, deposit, grant } from '../support/account.js';
import { fails, hold } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H16 commands that are decided again after a conflict', () => {
  it('H16 stay before those that arrived later, wherever these were meanwhile', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 2, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2);
    const [append, load] = [hold<'append'>(), hold<'load'>()];
    one.store.next('append', append.fault);
    one.store.next('load', load.fault);
    // Two in flight, four pending, the rest in the mailbox for want of room.
    const calls = [11, 12, 13, 14, 15, 16, 17, 18].map((n) => accounts.send(id, deposit(n)));
    await append.reached;
    calls.push(accounts.send(id, deposit(19)));
    append.release();
    await load.reached;
    calls.push(accounts.send(id, deposit(20))); // arrives while the actor catches up
    load.release();
    const receipts = await Promise.all(calls);
    expect(receipts.map((receipt) => receipt.version)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const cents = (await shards.log(id)).map((event) => (event.data as { cents: number }).cents);
    expect(cents).toEqual([1, 1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it('H16 are not overtaken by one that arrives while they back off', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', ...Array.from({ length: 7 }, () => fails('conflict')));
    const late: Promise<{ readonly version: number }>[] = [];
    one.store.always('heads', async ({ go }) => {
      const heads = await go();
      // In the turn after the actor was cut out, while it waits before it catches up.
      setImmediate(() => late.push(accounts.send(id, deposit(100 + late.length))));
      return heads;
    });
    const first = await accounts.send(id, deposit(99));
    const versions = (await Promise.all(late)).map((receipt) => receipt.version);
    expect(first.version).toBe(2);
    expect(versions).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(one.store.calls('append')).toBe(9); // the first, seven that failed, and all the rest
  });
});
