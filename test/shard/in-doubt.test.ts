import { describe, expect, it } from 'vitest';
import { account, deposit, grant, withdraw } from '../support/account.js';
import { hold, losesAnswer, losesStatement } from '../support/faults.js';
import { watch } from '../support/settling.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('a commit of which nobody knows the end', () => {
  it.each([
    ['was stored', losesAnswer],
    ['was not stored', losesStatement],
  ])('has each command in the log once and answered once: it %s', async (_, fault) => {
    const one = await shards.start();
    const accounts = one.client(account);
    const ids = Array.from({ length: 10 }, () => shards.id());
    one.store.next('append', fault);
    const calls = [1, 2, 3].flatMap((n) => ids.map((id) => accounts.send(id, grant(n))));
    const receipts = await Promise.all(calls);
    expect(one.store.calls('fence')).toBe(1);
    for (const id of ids) {
      const own = receipts.filter((receipt) => receipt.id === id);
      const log = await shards.log(id);
      expect(log.map((event) => event.commandId)).toEqual(own.map((receipt) => receipt.commandId));
      expect(own.map((receipt) => receipt.version)).toEqual([1, 2, 3]);
    }
  });

  it('is fenced before anything is looked up', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', losesStatement);
    const held = hold<'fence'>();
    one.store.next('fence', held.fault);
    const loads = one.store.calls('load');
    const sent = accounts.send(id, deposit(1));
    await held.reached;
    expect(one.store.calls('load')).toBe(loads);
    held.release();
    expect(await sent).toMatchObject({ version: 2 });
    expect(one.store.calls('load')).toBe(loads + 1);
  });

  it('tells the state and the events with the receipt all the same', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', losesAnswer);
    const receipt = await accounts.send(id, grant(7), { state: true });
    expect(receipt).toMatchObject({
      ...{ version: 1, deduplicated: false, state: { balance: 7 } },
      events: [{ type: 'deposited', data: { cents: 7 }, version: 1, position: receipt.position }],
    });
  });

  it('is not refused by its deadline before the log was asked', async () => {
    const { one, sent, known } = await inDoubt({ timeoutMs: 1000 });
    one.clock.advance(2000);
    one.tick();
    known();
    expect(await sent.promise).toMatchObject({ version: 2 });
  });

  it('is not refused by an abort before the log was asked', async () => {
    const abort = new AbortController();
    const { sent, known } = await inDoubt({ signal: abort.signal });
    abort.abort();
    known();
    expect(await sent.promise).toMatchObject({ version: 2 });
  });

  it('is not refused when the shard stops before the log was asked', async () => {
    const { one, sent, known } = await inDoubt({});
    await one.stop(0);
    expect(sent.settled).toBe(false); // its caller will hear that the outcome is unknown
    known();
  });

  it('that was not stored is refused by its deadline once that is certain', async () => {
    const { one, sent, known } = await inDoubt({ timeoutMs: 1000 }, losesStatement);
    one.clock.advance(2000);
    one.tick();
    expect(sent.settled).toBe(false);
    known();
    await expect(sent.promise).rejects.toMatchObject({ code: 'DeadlineExceeded' });
  });

  it('was stored, even if somebody then wrote what this code cannot read', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', async (call) => {
      const result = await losesAnswer(call);
      await shards.insert(id, 4, { type: 'mortgaged' });
      return result;
    });
    const results = await Promise.allSettled([
      accounts.send(id, deposit(5)),
      accounts.send(id, withdraw(6)),
      accounts.trySend(id, withdraw(1)),
    ]);
    expect(results).toMatchObject([
      { value: { version: 2 } },
      { value: { version: 3 } },
      { reason: { code: 'StreamUnreadable' } },
    ]);
  });

  /** A deposit whose fate is unknown until `known` is called: the log cannot be read so long. */
  async function inDoubt(
    options: { timeoutMs?: number; signal?: AbortSignal },
    fault = losesAnswer,
  ) {
    const one: ShardUnderTest = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', fault);
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const sent = watch(accounts.send(id, deposit(5), options));
    await held.reached;
    return { one, sent, known: () => held.release() };
  }
});
