import { describe, expect, it, vi } from 'vitest';
import { MemoryLog } from '../../src/store/memory-log.js';
import { createMemoryStore, openMemoryStore } from '../../src/store/memory-store.js';
import { batchOf, eventRow, outcomeRow } from '../contract/batches.js';

const stream = { aggregate: 'account', id: '7' };
const EVERYTHING = { after: 0, limit: 100 };

describe('a store in memory', () => {
  it('opened anew on the same log finds what the one before has stored', async () => {
    const log = new MemoryLog();
    const before = openMemoryStore(log);
    const old = await before.registerWriter();
    await before.append(old, batchOf({ rows: [eventRow(stream, 1)] }));
    await before.close();

    const after = openMemoryStore(log);
    const writer = await after.registerWriter();
    expect(writer.id).not.toBe(old.id);
    expect(writer.afterPosition).toBe(1);
    expect(await after.heads([stream])).toMatchObject([{ version: 1, position: 1 }]);
    expect((await after.fence(old.id)).epoch).toBe(2);
  });

  it('has a log of its own unless it is given one', async () => {
    const [one, two] = [createMemoryStore(), createMemoryStore()];
    const rows = [eventRow(stream, 1)];
    await one.append(await one.registerWriter(), batchOf({ rows }));
    expect(await two.readAll(EVERYTHING)).toEqual([]);
  });

  it('expires outcomes and stamps events by the clock of its log', async () => {
    const clock = { ms: 1000, now: () => clock.ms };
    const store = openMemoryStore(new MemoryLog(clock));
    const writer = await store.registerWriter();
    const outcomes = [outcomeRow(stream, 'key', { keepMs: 500 })];
    await store.append(writer, batchOf({ rows: [eventRow(stream, 1)], outcomes }));
    expect(await store.readAll(EVERYTHING)).toMatchObject([{ recordedAt: 1000 }]);
    clock.ms = 1499;
    expect(await store.findOutcomes(outcomes)).toHaveLength(1);
    clock.ms = 1500;
    expect(await store.findOutcomes(outcomes)).toEqual([]);
    const again = batchOf({ outcomes });
    expect((await store.append(writer, again)).kind).toBe('stored');
  });

  it('refuses writers of the incarnation before', async () => {
    const log = new MemoryLog();
    const store = openMemoryStore(log);
    const writer = await store.registerWriter();
    log.incarnation = 'memory/2';
    const batch = batchOf({ rows: [eventRow(stream, 1)] });
    expect((await store.append(writer, batch)).kind).toBe('restarted');
    const fenced = await store.fence(writer.id);
    expect(fenced.incarnation).toBe('memory/2');
    expect((await store.append(fenced, batch)).kind).toBe('stored');
  });

  it('finds rows that are not sorted invalid, where Postgres would mix up the positions', async () => {
    const store = createMemoryStore();
    const rows = [
      eventRow({ aggregate: 'a', id: 'b' }, 1),
      eventRow({ aggregate: 'a', id: 'a' }, 1),
    ];
    const result = await store.append(await store.registerWriter(), { ...batchOf({}), rows });
    expect(result).toMatchObject({ kind: 'invalid' });
  });

  it('answers in a later turn, and not before what it was asked earlier', async () => {
    const store = createMemoryStore();
    const writer = await store.registerWriter();
    const done: string[] = [];
    const append = (version: number) =>
      store
        .append(writer, batchOf({ rows: [eventRow(stream, version)] }))
        .then(({ kind }) => done.push(`${version} ${kind}`));
    const all = Promise.all([append(1), append(2), append(2)]);
    await Promise.resolve();
    expect(done).toEqual([]);
    await all;
    expect(done).toEqual(['1 stored', '2 stored', '2 conflict']);
  });

  it('goes on under fake timers', async () => {
    vi.useFakeTimers();
    try {
      expect((await createMemoryStore().registerWriter()).epoch).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});
