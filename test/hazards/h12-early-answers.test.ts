import { describe, expect, it } from 'vitest';
import { account, crash, deposit, grant, withdraw } from '../support/account.js';
import { fails, hold } from '../support/faults.js';
import { watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H12 a rejection or failure that was decided on events without a commit', () => {
  it('H12 is never heard of: with the events it falls, and is decided again', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const spent = accounts.send(id, withdraw(10)); // decided on 10, in flight
    const rejected = watch(accounts.trySend(id, withdraw(5))); // rejected on 0, pending
    const failed = watch(accounts.send(id, crash)); // failed on 0, pending
    await held.reached;
    await shards.insert(id, 2, { data: '{"cents":100}' });
    held.release(); // conflicts: the withdrawal comes after a deposit of 100
    expect(await spent).toMatchObject({ version: 3 });
    expect(await rejected.promise).toMatchObject({ ok: true, receipt: { version: 4 } });
    await expect(failed.promise).rejects.toMatchObject({
      cause: { message: expect.stringContaining('of 95') },
    });
    expect(await accounts.state(id)).toMatchObject({ state: { balance: 95 } });
  });

  it('H12 waits although it shares no batch with those events', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 1, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const first = watch(accounts.send(id, deposit(1)));
    const rejected = watch(accounts.trySend(id, withdraw(50)));
    await held.reached;
    held.release(fails('unavailable'));
    expect(await rejected.promise).toMatchObject({ ok: false, details: { balance: 11 } });
    expect(first.settled).toBe(true);
  });
});
