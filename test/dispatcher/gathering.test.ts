import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gatheringMs, isBusy, Turns } from '../../src/dispatcher/gathering.js';
import { deferred } from '../../src/internal/deferred.js';
import { eventually } from '../support/eventually.js';
import { manyRows, untilHandled, useSubscriptions } from './support/use-subscriptions.js';

describe('batches', () => {
  it('are let grow by how many events came, and never for long', () => {
    expect(gatheringMs(1)).toBeLessThan(1);
    expect(gatheringMs(100)).toBe(10);
    expect(gatheringMs(100_000)).toBe(50);
    expect([1, 100, 500].map((events) => isBusy(gatheringMs(events)))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('turns', () => {
  it('come one after the other, also after one that failed', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string, fails = false) =>
      turns.take(async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const all = await Promise.allSettled([work('a'), work('b', true), work('c')]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('come although one does not end', async () => {
    const turns = new Turns();
    const stuck = deferred<void>();
    const first = turns.take(() => stuck.promise);
    expect(await turns.take(async () => 'second')).toBe('second');
    expect(await turns.take(async () => 'third')).toBe('third');
    stuck.resolve();
    await first;
  });
});

describe('while the log is busy', () => {
  const on = useSubscriptions();

  it('readers take turns, and one that is stuck holds up no other', async () => {
    const took = vi.spyOn(Turns.prototype, 'take');
    onTestFinished(() => took.mockRestore());
    const go = deferred<void>();
    onTestFinished(() => go.resolve());
    const [free, held] = [await on.sink('free'), await on.sink('held')];
    const { handle } = held;
    let batches = 0;
    held.handle = async (events, tx) => {
      if (++batches > 3) await go.promise;
      await handle(events, tx);
    };
    const { processor } = on.run([held, free]);
    for (let i = 1; i <= 6; i++) {
      await on.append(manyRows(`a${i}`, 500, 1));
      processor.wake();
      await untilHandled(free, 500 * i);
    }
    expect(took).toHaveBeenCalled();
    go.resolve();
    await untilHandled(held, 3000);
  });

  it('who has effects outside of the database neither waits nor takes turns', async () => {
    const took = vi.spyOn(Turns.prototype, 'take');
    onTestFinished(() => took.mockRestore());
    let seen = 0;
    const effects = await on.sink('effects', {
      effects: 'batch',
      handle: async (events) => {
        seen += events.length;
      },
    });
    const { processor } = on.run([effects]);
    for (let i = 1; i <= 3; i++) {
      await on.append(manyRows(`a${i}`, 500, 1));
      processor.wake();
      await eventually(() => expect(seen).toBe(500 * i));
    }
    expect(took).not.toHaveBeenCalled();
  });
});
