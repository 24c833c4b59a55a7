import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant } from '../support/account.js';
import { hold, unavailable } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('deadlines', () => {
  it('refuse a command that is still waiting when they pass, and only that', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const short = watch(accounts.send(id, grant(1), { timeoutMs: 1000 }));
    const long = watch(accounts.send(id, grant(2), { timeoutMs: 5000 }));
    await held.reached;
    one.clock.advance(999);
    one.tick();
    await turns();
    expect(short.settled).toBe(false);
    one.clock.advance(1);
    one.tick();
    await expect(short.promise).rejects.toMatchObject({
      ...{ outcome: 'refused', code: 'DeadlineExceeded', details: { aggregate: 'account', id } },
    });
    expect(long.settled).toBe(false);
    held.release();
    expect(await long.promise).toMatchObject({ version: 1, events: [{ data: { cents: 2 } }] });
  });

  it('that have passed when the turn comes refuse without a tick', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const late = watch(accounts.send(id, grant(1), { timeoutMs: 1000 }));
    await held.reached;
    one.clock.advance(1000);
    held.release();
    await expect(late.promise).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    expect(await shards.log(id)).toEqual([]);
  });

  it('refuse what waits while the database is away', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    one.store.always('load', unavailable);
    const calls = [1, 2, 3].map(() =>
      watch(accounts.send(shards.id(), grant(1), { timeoutMs: 1000 })),
    );
    one.clock.advance(1000);
    one.tick();
    const results = await Promise.allSettled(calls.map((call) => call.promise));
    expect(results.map((it) => it.status === 'rejected' && it.reason.code)).toEqual([
      ...['DeadlineExceeded', 'DeadlineExceeded', 'DeadlineExceeded'],
    ]);
    one.store.always('load');
    expect(await accounts.send(shards.id(), grant(1))).toMatchObject({ version: 1 });
  });

  it('H05 count only until the decision: nothing of a slow batch is cut out or decided again', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const decided = [...Array(200).keys()].map(() =>
      accounts.send(id, deposit(1), { timeoutMs: 1000 }),
    );
    const noOp = accounts.send(id, check, { timeoutMs: 1000 });
    await held.reached;
    one.clock.advance(10_000);
    one.tick();
    const appends = one.store.calls('append');
    held.release();
    expect((await Promise.all(decided)).map((receipt) => receipt.version)).toEqual(
      [...Array(200).keys()].map((i) => i + 2),
    );
    expect(await noOp).toMatchObject({ version: 201 });
    expect(one.store.calls('append')).toBe(appends);
    expect(one.store.calls('load')).toBe(1);
  });
});

describe('an abort signal', () => {
  it('refuses a command that is still waiting, and only that', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const abort = new AbortController();
    const aborted = watch(accounts.send(id, grant(1), { signal: abort.signal }));
    const other = accounts.send(id, grant(2));
    await held.reached;
    abort.abort();
    await expect(aborted.promise).rejects.toMatchObject({
      ...{ outcome: 'refused', code: 'Aborted', details: { aggregate: 'account', id } },
    });
    held.release();
    expect(await other).toMatchObject({ version: 1 });
    expect((await shards.log(id)).map((event) => event.data)).toEqual([{ cents: 2 }]);
  });

  it('does nothing to a command that is decided', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const abort = new AbortController();
    const decided = accounts.send(id, grant(1), { signal: abort.signal });
    await held.reached;
    abort.abort();
    held.release();
    expect(await decided).toMatchObject({ version: 1 });
  });

  it('leaves a key free, so that who joined the aborted command is decided', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const abort = new AbortController();
    const key = { idempotencyKey: 'key' };
    const first = watch(accounts.send(id, grant(1), { ...key, signal: abort.signal }));
    const second = accounts.send(id, grant(1), key);
    await held.reached;
    abort.abort();
    held.release();
    await expect(first.promise).rejects.toMatchObject({ code: 'Aborted' });
    expect(await second).toMatchObject({ version: 1, deduplicated: false });
  });
});
