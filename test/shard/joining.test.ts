import { describe, expect, it } from 'vitest';
import { account, crash, deposit, grant, withdraw } from '../support/account.js';
import { hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const key = { idempotencyKey: 'key' };

describe('a key that is under way', () => {
  it('joins the first: one decision, one effect, the same outcome for all', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const first = accounts.send(id, grant(5), key);
    const joined = [1, 2].map(() => watch(accounts.send(id, grant(5), key)));
    await held.reached;
    joined.push(watch(accounts.send(id, grant(5), key)));
    await turns();
    expect(joined.map((it) => it.settled)).toEqual([false, false, false]);
    held.release();
    const receipt = await first;
    expect(receipt).toMatchObject({ deduplicated: false, version: 1 });
    for (const it of joined) {
      const { version, events, deduplicated } = await it.promise;
      expect({ version, events }).toEqual({ version: 1, events: receipt.events });
      expect(deduplicated).toBe(true);
    }
    expect(await shards.log(id)).toHaveLength(1);
  });

  it('joins a rejection too', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(5));
    const results = await Promise.all([1, 2, 3].map(() => accounts.trySend(id, withdraw(6), key)));
    for (const result of results)
      expect(result).toMatchObject({ ok: false, details: { balance: 5 } });
  });

  it('refuses another body', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const first = accounts.send(id, grant(5), key);
    await expect(accounts.send(id, grant(6), key)).rejects.toMatchObject({ code: 'KeyReused' });
    expect(await first).toMatchObject({ version: 1 });
  });

  it('decides anew who joined a command that failed', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(5));
    const results = await Promise.allSettled([1, 2, 3].map(() => accounts.send(id, crash, key)));
    expect(results.map((it) => it.status === 'rejected' && it.reason.code)).toEqual([
      ...['CommandFailed', 'CommandFailed', 'CommandFailed'],
    ]);
    expect(await accounts.send(id, deposit(1), key)).toMatchObject({ version: 2 });
    expect(one.unanswered).toBe(0);
  });

  it('gives the state to who asked for it, although the first did not', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const [, joined] = await Promise.all([
      accounts.send(id, grant(5), key),
      accounts.send(id, grant(5), { ...key, state: true }),
      accounts.send(id, grant(1)),
    ]);
    expect(joined).toMatchObject({ version: 1, deduplicated: true, state: { balance: 6 } });
  });

  it('goes with the first when it is decided again after a conflict', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(5));
    await shards.insert(id, 2);
    const receipts = await Promise.all([1, 2].map(() => accounts.send(id, deposit(1), key)));
    expect(receipts.map((receipt) => receipt.version)).toEqual([3, 3]);
    expect(await shards.log(id)).toHaveLength(3);
  });
});
