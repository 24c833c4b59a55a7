import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant, withdraw } from '../support/account.js';
import { fails } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('conflicts with another writer', () => {
  it('lose no update: writers of two processes on a few ids sum up exactly', async () => {
    const both = [await shards.start(), await shards.start()];
    const ids = [shards.id(), shards.id(), shards.id()];
    const calls = Array.from({ length: 300 }, async (_, i) => {
      const accounts = (both[i % 2] ?? both[0]!).client(account);
      await new Promise((resolve) => setImmediate(resolve)); // interleaves the two
      return accounts.send(ids[i % 3] ?? '', grant(i + 1), { timeoutMs: 60_000 });
    });
    const receipts = await Promise.all(calls);
    let total = 0;
    for (const [n, id] of ids.entries()) {
      const own = receipts.filter((_, i) => i % 3 === n);
      const log = await shards.log(id);
      expect(log.map((event) => event.version)).toEqual(log.map((_, i) => i + 1));
      expect(log.map((event) => event.commandId).sort()).toEqual(
        own.map((receipt) => receipt.commandId).sort(),
      );
      const sum = log.reduce((cents, { data }) => cents + (data as { cents: number }).cents, 0);
      total += log.length;
      for (const one of both) {
        expect(await one.client(account).state(id)).toMatchObject({ state: { balance: sum } });
      }
    }
    expect(total).toBe(300);
  }, 30_000);

  it('are decided again on what the other wrote', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    await shards.insert(id, 2, { type: 'withdrawn', data: '{"cents":8}' });
    const result = await accounts.trySend(id, withdraw(5));
    expect(result).toMatchObject({ ok: false, details: { balance: 2 } });
    await shards.insert(id, 3, { data: '{"cents":8}' });
    expect(await accounts.trySend(id, withdraw(5))).toMatchObject({ ok: true });
    expect(await accounts.state(id)).toMatchObject({ version: 4, state: { balance: 5 } });
  });

  it('hold up only the ids they are about: the rest of the batch is stored at once', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const ids = Array.from({ length: 20 }, () => shards.id());
    const guilty = ids[7] ?? '';
    await Promise.all(ids.map((id) => accounts.send(id, grant(1))));
    await shards.insert(guilty, 2);
    const appends = one.store.calls('append');
    const versions = await Promise.all(
      ids.map(async (id) => (await accounts.send(id, deposit(1))).version),
    );
    expect(versions).toEqual(ids.map((id) => (id === guilty ? 3 : 2)));
    // All, then all but the guilty one, then the guilty one.
    expect(one.store.calls('append') - appends).toBe(3);
  });

  it('also go on where a hot id has more to do than there is room for', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 5, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const [hot, waiting] = [shards.id(), shards.id()];
    await accounts.send(hot, grant(1));
    await accounts.send(waiting, grant(1));
    await shards.insert(hot, 2);
    const calls = Array.from({ length: 100 }, () => accounts.send(hot, deposit(1)));
    calls.push(accounts.send(waiting, deposit(1)));
    await Promise.all(calls);
    expect(await shards.log(hot)).toHaveLength(102);
  });

  it('resume who waited for room when the hot id had nothing left to do', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 5, maxBytes: 1024 * 1024 } } });
    const accounts = one.client(account);
    const [hot, waiting] = [shards.id(), shards.id()];
    await accounts.send(hot, grant(1));
    await accounts.send(waiting, grant(1));
    one.store.always('append', fails('broken'));
    const calls = Array.from({ length: 15 }, () => accounts.send(hot, deposit(1)));
    const last = accounts.send(waiting, deposit(1));
    await Promise.allSettled([...calls, last]);
    one.store.always('append');
    expect(await accounts.send(waiting, deposit(1))).toMatchObject({ version: 2 });
  });

  it('end as Contended when the other is always faster, certainly not executed', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    let version = 1;
    one.store.always('append', async ({ go }) => {
      version += 1;
      await shards.insert(id, version);
      return go();
    });
    const contended = accounts.send(id, deposit(100));
    await expect(contended).rejects.toMatchObject({
      ...{ outcome: 'refused', code: 'Contended', message: 'Other writers were faster 20 times' },
      details: { aggregate: 'account', id, retryAfterMs: expect.any(Number) },
    });
    one.store.always('append');
    expect(await accounts.send(id, check)).toMatchObject({ version });
    expect(await accounts.state(id)).toMatchObject({ state: { balance: version } });
  });

  it('refuse the first as Contended and let those behind it try in turn', async () => {
    const one = await shards.start({ options: { maxConflicts: 2 } });
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', ...Array.from({ length: 4 }, () => fails('conflict')));
    const results = await Promise.allSettled([1, 2, 3].map((n) => accounts.send(id, grant(n))));
    expect(
      results.map((it) => (it.status === 'rejected' ? it.reason.code : it.value.version)),
    ).toEqual(['Contended', 1, 2]);
  });
});
