import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GapReader, hasHole, settlePage } from '../../src/postgres/gap.js';
import type { AppendLockHolder } from '../../src/postgres/statements/append-lock.js';
import type { StoredEvent } from '../../src/store/store.js';
import { eventRow } from '../contract/batches.js';

describe('a hole in a page', () => {
  it.each([
    [0, [], false],
    [0, [1, 2, 3], false],
    [0, [1, 3], true],
    [0, [2, 3], true],
    [7, [8, 9], false],
    [7, [9], true],
    [7, [8, 10], true],
  ])('is seen after %d in %j: %s', (after, positions, expected) => {
    expect(
      hasHole(
        after,
        positions.map((position) => ({ position })),
      ),
    ).toBe(expected);
  });
});

describe('settling a page', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks nothing where there is no hole', async () => {
    const database = new FakeDatabase([]);
    expect(await settle(database, 0, [1, 2])).toEqual([1, 2]);
    expect(database.calls).toEqual([]);
  });

  it('H21 reads the range again in a statement of its own, after it asked who holds the lock', async () => {
    const database = new FakeDatabase([[]]);
    expect(await settle(database, 3, [4, 6])).toEqual([4, 5, 6]);
    expect(database.calls).toEqual(['holders', 'range 3..6']);
  });

  it('waits until those are gone that held the lock when the hole was seen', async () => {
    const database = new FakeDatabase([[a, b], [a, b], [b], [b], []]);
    expect(await settle(database, 0, [1, 3])).toEqual([1, 2, 3]);
    expect(database.calls).toEqual([...Array(5).fill('holders'), 'range 0..3']);
  });

  it('does not wait for those that came later', async () => {
    const later = { transaction: '4/1', pid: 4 };
    const database = new FakeDatabase([[a], [a, later], [later]]);
    await settle(database, 0, [2]);
    expect(database.calls).toEqual(['holders', 'holders', 'holders', 'range 0..2']);
  });

  it('does not take the next transaction of a connection for the one that it waits for', async () => {
    const database = new FakeDatabase([[a], [{ transaction: '1/8', pid: a.pid }]]);
    await settle(database, 0, [2]);
    expect(database.calls).toEqual(['holders', 'holders', 'range 0..2']);
  });

  it('H21 waits for a holder without a process: a prepared transaction is open', async () => {
    const prepared = { transaction: '-1/99', pid: undefined };
    const database = new FakeDatabase([[prepared], [prepared], []]);
    await settle(database, 0, [2]);
    expect(database.calls).toEqual(['holders', 'holders', 'holders', 'range 0..2']);
  });

  it('H21 asks less and less often, and reports once who keeps a hole open for five seconds', async () => {
    const database = new FakeDatabase(Array<AppendLockHolder[]>(1000).fill([a]));
    const settling = settle(database, 0, [2]);
    await vi.advanceTimersByTimeAsync(4900);
    expect(database.stalled).not.toHaveBeenCalled();
    expect(database.calls.length).toBeLessThan(150);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(database.stalled).toHaveBeenCalledExactlyOnceWith(0, [a]);
    database.answers = [];
    await vi.advanceTimersByTimeAsync(100);
    await settling;
  });

  it('H21 gives up when the database cannot be asked, so that the page is read anew', async () => {
    const database = new FakeDatabase([[a]]);
    database.failAt = 2;
    await expect(settle(database, 0, [2])).rejects.toThrow('away');
  });
});

const a: AppendLockHolder = { transaction: '1/7', pid: 1 };
const b: AppendLockHolder = { transaction: '2/7', pid: 2 };

/** Answers one list of holders after the other, and then that there are none. */
class FakeDatabase implements GapReader<StoredEvent> {
  readonly calls: string[] = [];
  readonly stalled = vi.fn();
  failAt = 0;

  constructor(public answers: AppendLockHolder[][]) {}

  async holders(): Promise<AppendLockHolder[]> {
    this.calls.push('holders');
    if (this.calls.length === this.failAt) throw new Error('away');
    return this.answers.shift() ?? [];
  }

  /** Every position of the range has been filled. */
  async range(after: number, upTo: number): Promise<StoredEvent[]> {
    this.calls.push(`range ${after}..${upTo}`);
    return Array.from({ length: upTo - after }, (_, i) => eventAt(after + i + 1));
  }
}

async function settle(database: FakeDatabase, after: number, page: number[]): Promise<number[]> {
  const settling = settlePage(after, page.map(eventAt), database);
  settling.catch(() => undefined);
  if (database.answers.length < 100) await vi.runAllTimersAsync();
  return (await settling).map((event) => event.position);
}

function eventAt(position: number): StoredEvent {
  return { ...eventRow({ aggregate: 'a', id: 'a' }, position), position, recordedAt: 0 };
}
