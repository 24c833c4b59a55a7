import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { account, grant } from '../support/account.js';
import { eventually } from '../support/eventually.js';
import { fails, hold, unavailable } from '../support/faults.js';
import type { Fault } from '../support/faulty-store.js';
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

  it.each(['saveSnapshots', 'retireWriter'] as const)(
    'does not wait for the database for ever: %s',
    async (operation) => {
      const one = await shards.start();
      const id = shards.id();
      for (let i = 0; i < 20; i++) await one.client(account).send(id, grant(1));
      const held = hold<typeof operation>();
      one.store.next(operation, held.fault as Fault<typeof operation>);
      const stopped = one.stop();
      await held.reached;
      await stopped; // in time, or the test takes too long
      held.release();
    },
  );

  it.each<[string, 'append' | 'load', Fault<'append'> | Fault<'load'>]>([
    ['a blocked actor', 'append', fails('locked')],
    ['an activation', 'load', unavailable],
    ['a batch', 'append', fails('unavailable')],
  ])(
    'keeps the process no longer, although %s waited to try again',
    async (_, operation, fault) => {
      const one = await shards.start();
      const accounts = one.client(account);
      await accounts.send(shards.id(), grant(1));
      one.store.always(operation, fault as Fault<typeof operation>);
      const keeping = timersThatKeepTheProcess();
      const waiting = watch(accounts.send(shards.id(), grant(1)));
      await eventually(() => expect(one.store.calls(operation)).toBeGreaterThan(3));
      await one.stop(0);
      expect(keeping()).toEqual([]);
      await Promise.race([waiting.promise.catch(() => undefined), Promise.resolve()]);
    },
  );
});

/** From now on, notes the timers of a few seconds that have not ended; those of pg are longer. */
function timersThatKeepTheProcess(): () => number[] {
  const pending = new Map<NodeJS.Timeout, number>();
  const original = globalThis.setTimeout;
  const noting = (run: () => void, ms: number): NodeJS.Timeout => {
    const timer = original(() => {
      pending.delete(timer);
      run();
    }, ms);
    if (ms > 0 && ms < 10_000) pending.set(timer, ms);
    return timer;
  };
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(noting as typeof setTimeout);
  onTestFinished(() => void vi.restoreAllMocks());
  return () => [...pending].filter(([timer]) => timer.hasRef()).map(([, ms]) => ms);
}
