import { describe, expect, it } from 'vitest';
import { account, deposit, grant, open, withdraw } from '../support/account.js';
import { fails, hold } from '../support/faults.js';
import { turns } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('one at a time per id', () => {
  it('decides in the order of arrival, also when decisions are thrown away on the way', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 20, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next(
      'append',
      (call) => call.go(),
      fails('conflict'),
      (call) => call.go(),
    );
    one.store.next('append', fails('ambiguous'), fails('unavailable'), fails('conflict'));
    const cents = Array.from({ length: 200 }, (_, i) => i + 1);
    const receipts = await Promise.all(cents.map((n) => accounts.send(id, grant(n))));
    expect(receipts.map((receipt) => receipt.version)).toEqual(cents);
    expect((await shards.log(id)).map((event) => event.data)).toEqual(
      cents.map((n) => ({ cents: n })),
    );
  });

  it('decides each command on a state that includes all before it', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const results = await Promise.all([
      accounts.trySend(id, grant(100)),
      accounts.trySend(id, withdraw(60)),
      accounts.trySend(id, withdraw(60)),
      accounts.trySend(id, deposit(20)),
      accounts.trySend(id, withdraw(60)),
    ]);
    expect(results.map((result) => result.ok)).toEqual([true, true, false, true, true]);
    expect(results[2]).toMatchObject({ details: { balance: 40 } });
    expect(await accounts.state(id)).toMatchObject({ version: 4, state: { balance: 0 } });
  });

  it('activates one actor for two first commands, and for those that come while it loads', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const two = [accounts.trySend(id, open), accounts.trySend(id, open)];
    await held.reached;
    const third = accounts.send(id, deposit(7));
    await turns();
    expect(one.actorCount).toBe(1);
    held.release();
    expect((await Promise.all(two)).map((result) => result.ok)).toEqual([true, false]);
    expect(await third).toMatchObject({ version: 2 });
    expect(one.store.calls('load')).toBe(1);
    expect((await shards.log(id)).map((event) => event.type)).toEqual(['opened', 'deposited']);
  });

  it('keeps the order of each id while many ids are under way', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 30, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const ids = Array.from({ length: 20 }, () => shards.id());
    const calls = Array.from({ length: 15 }, (_, i) =>
      ids.map((id) => accounts.send(id, grant(i + 1))),
    );
    await Promise.all(calls.flat());
    for (const id of ids) {
      const cents = (await shards.log(id)).map((event) => (event.data as { cents: number }).cents);
      expect(cents).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    }
  });
});
