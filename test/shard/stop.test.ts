import { describe, expect, it } from 'vitest';
import { account, grant } from '../support/account.js';
import { fails, hold, unavailable } from '../support/faults.js';
import { watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('a shard that stops', () => {
  it('finishes what it has, refuses what comes, and retires its writer', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const [id, other] = [shards.id(), shards.id()];
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const under = [1, 2, 3].map((n) => accounts.send(id, grant(n)));
    await held.reached;
    const stopped = one.stop();
    const refused = accounts.send(other, grant(1));
    await expect(refused).rejects.toMatchObject({ outcome: 'refused', code: 'Stopping' });
    expect(one.store.calls('retireWriter')).toBe(0);
    held.release();
    expect((await Promise.all(under)).map((receipt) => receipt.version)).toEqual([1, 2, 3]);
    await stopped;
    expect(one.store.calls('retireWriter')).toBe(1);
    expect(one.unanswered).toBe(0);
  });

  it('refuses in the end what still waits, leaves open what is decided, and keeps its writer', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    one.store.always('append', fails('unavailable'));
    one.store.next('load', (call) => call.go());
    const decided = watch(accounts.send(shards.id(), grant(1)));
    await reached('append', 1);
    one.store.always('load', unavailable);
    const waiting = accounts.send(shards.id(), grant(1));
    const stopped = one.stop(20);
    await expect(waiting).rejects.toMatchObject({ code: 'Stopping' });
    await stopped;
    expect(decided.settled).toBe(false);
    expect(one.store.calls('retireWriter')).toBe(0);

    async function reached(operation: 'append', count: number): Promise<void> {
      while (one.store.calls(operation) < count)
        await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('leaves no timer behind, also where actors and batches were waiting to try again', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const one = await shards.start();
    one.store.always('append', fails('locked'));
    const locked = watch(one.client(account).send(shards.id(), grant(1)));
    while (one.store.calls('append') < 3) await new Promise((resolve) => setImmediate(resolve));
    one.store.always('load', unavailable);
    while (one.store.calls('load') < 4) await new Promise((resolve) => setImmediate(resolve));
    await one.stop(0);
    expect(timers()).toBeLessThanOrEqual(before);
    await locked.promise.catch(() => undefined);
  });
});
