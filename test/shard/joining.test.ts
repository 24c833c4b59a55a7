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
    for (const [i, result] of results.entries())
      expect(result).toMatchObject({ ok: false, details: { balance: 5 }, deduplicated: i > 0 });
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

  it('is unknown to who joined it and aborts: the first may be stored, and is not touched', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const first = accounts.send(id, grant(5), { ...key, commandId: 'one' });
    const abort = new AbortController();
    const joined = accounts.send(id, grant(5), { ...key, signal: abort.signal });
    const other = accounts.send(id, grant(5), key);
    abort.abort();
    await expect(joined).rejects.toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('command one with the same key is under way'),
    });
    held.release();
    expect(await first).toMatchObject({ version: 1, deduplicated: false });
    expect(await other).toMatchObject({ version: 1, deduplicated: true });
    expect(one.unanswered).toBe(0);
  });

  it('is refused to who joined it only when it was refused itself: then by its own deadline', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const abort = new AbortController();
    const first = watch(accounts.send(id, grant(5), { ...key, signal: abort.signal }));
    const joined = watch(accounts.send(id, grant(5), { ...key, timeoutMs: 1000 }));
    one.clock.advance(2000);
    one.tick();
    await turns();
    expect([first.settled, joined.settled]).toEqual([false, false]);
    abort.abort();
    await expect(first.promise).rejects.toMatchObject({ code: 'Aborted' });
    held.release();
    await expect(joined.promise).rejects.toMatchObject({ code: 'DeadlineExceeded' });
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
