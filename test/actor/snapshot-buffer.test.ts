import { describe, expect, it } from 'vitest';
import { SnapshotBuffer } from '../../src/actor/snapshot-buffer.js';
import { type Deferred, deferred } from '../../src/internal/deferred.js';
import type { SnapshotRow } from '../../src/store/snapshots.js';

function snapshotOf(id: string, version: number): SnapshotRow {
  const state = JSON.stringify({ version });
  return { aggregate: 'a', id, stateVersion: 1, version, position: version, commandId: 'c', state };
}

/** A sink that shows each batch and lets it end when told. */
function sink() {
  const batches: { readonly rows: readonly SnapshotRow[]; readonly end: Deferred<void> }[] = [];
  let arrived = deferred<void>();
  return {
    batches,
    async next() {
      await arrived.promise;
      arrived = deferred();
    },
    saveSnapshots(rows: readonly SnapshotRow[]) {
      const end = deferred<void>();
      batches.push({ rows, end });
      arrived.resolve();
      return end.promise;
    },
  };
}

describe('the snapshot buffer', () => {
  it('writes in batches, one at a time, and only the newest of each stream', async () => {
    const to = sink();
    const buffer = new SnapshotBuffer(to, () => undefined);
    buffer.add('a', snapshotOf('a', 1));
    await to.next();
    for (let i = 0; i < 60; i++) buffer.add(`${i}`, snapshotOf(`${i}`, 1));
    buffer.add('7', snapshotOf('7', 9));
    expect(to.batches).toHaveLength(1);
    to.batches[0]?.end.resolve();
    await to.next();
    to.batches[1]?.end.resolve();
    await to.next();
    to.batches[2]?.end.resolve();
    await buffer.flushed();
    expect(to.batches.map((batch) => batch.rows.length)).toEqual([1, 50, 10]);
    expect(to.batches[1]?.rows.find((row) => row.id === '7')?.version).toBe(9);
    expect(buffer.written).toBe(61);
  });

  it('counts and tells a failed batch, and goes on', async () => {
    const to = sink();
    const failures: unknown[] = [];
    const buffer = new SnapshotBuffer(to, (error) => failures.push(error));
    buffer.add('a', snapshotOf('a', 1));
    await to.next();
    buffer.add('b', snapshotOf('b', 1));
    to.batches[0]?.end.reject(new Error('disk full'));
    await to.next();
    to.batches[1]?.end.resolve();
    await buffer.flushed();
    expect(failures).toMatchObject([{ message: 'disk full' }]);
    expect([buffer.failed, buffer.written]).toEqual([1, 1]);
  });

  it('is bounded: what comes on top is dropped, but not a newer one of a stream that waits', async () => {
    const to = sink();
    const buffer = new SnapshotBuffer(to, () => undefined);
    for (let i = 0; i < 5001; i++) buffer.add(`${i}`, snapshotOf(`${i}`, 1));
    expect(buffer.failed).toBe(1);
    buffer.add('0', snapshotOf('0', 2));
    expect(buffer.failed).toBe(1);
    await to.next();
    expect(to.batches[0]?.rows[0]).toMatchObject({ id: '0', version: 2 });
  });

  it('drops what waits when it is cleared', async () => {
    const to = sink();
    const buffer = new SnapshotBuffer(to, () => undefined);
    buffer.add('a', snapshotOf('a', 1));
    buffer.clear();
    await buffer.flushed();
    expect(to.batches).toEqual([]);
  });
});
