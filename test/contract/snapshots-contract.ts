import { expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/store/snapshots.js';
import { eventRows } from './batches.js';
import type { StoreTest } from './store-contract.js';

export function snapshotsContract(test: StoreTest): void {
  it('stores a snapshot with the position of its event', async () => {
    const positions = await test.stored(eventRows(test.stream('a'), 1, 5));
    await test.store.saveSnapshots([snapshot(4)]);
    expect(await stored()).toEqual({
      ...{ version: 4, position: positions[3], commandId: 'command-a-4', state: '{"at":4}' },
    });
  });

  it('H15 only ever raises the version of a stored snapshot', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([snapshot(5, { state: '"first"' })]);
    await test.store.saveSnapshots([snapshot(3)]);
    await test.store.saveSnapshots([snapshot(5, { state: '"again"' })]);
    expect(await stored()).toMatchObject({ version: 5, state: '"first"' });
    await test.store.saveSnapshots([snapshot(8)]);
    expect(await stored()).toMatchObject({ version: 8, state: '{"at":8}' });
  });

  it('H15 stores a snapshot only if the log holds its version and command', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 5));
    await test.store.saveSnapshots([snapshot(6), snapshot(4, { commandId: 'of another history' })]);
    expect(await stored()).toBeUndefined();
    await test.store.saveSnapshots([snapshot(2), snapshot(9)]);
    expect(await stored()).toMatchObject({ version: 2 });
  });

  it('H15 keeps the snapshots of two state versions side by side', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([
      snapshot(8, { stateVersion: 1 }),
      snapshot(3, { stateVersion: 2 }),
    ]);
    expect(await stored(1)).toMatchObject({ version: 8 });
    expect(await stored(2)).toMatchObject({ version: 3 });
  });

  it('keeps the highest of several snapshots of one stream', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([snapshot(3), snapshot(7), snapshot(5)]);
    expect(await stored()).toMatchObject({ version: 7, state: '{"at":7}' });
  });

  it('stores snapshots of many streams at once', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `😀${i}`);
    await test.stored(ids.flatMap((id) => eventRows(test.stream(id), 1, 2)));
    await test.store.saveSnapshots(
      ids.map((id) => snapshot(2, { id, commandId: `command-${id}-2`, state: `"${id}"` })),
    );
    const loaded = await test.store.load(
      ids.map((id) => ({ ...test.stream(id), stateVersion: 1 })),
    );
    expect(loaded.map((it) => it.snapshot?.state)).toEqual(ids.map((id) => `"${id}"`));
    await test.store.saveSnapshots([]);
  });

  function snapshot(version: number, given: Partial<SnapshotRow> = {}): SnapshotRow {
    const commandId = `command-a-${version}`;
    const state = `{"at":${version}}`;
    return {
      ...test.stream('a'),
      stateVersion: 1,
      version,
      position: 0,
      commandId,
      state,
      ...given,
    };
  }

  async function stored(stateVersion = 1) {
    return (await test.store.load([{ ...test.stream('a'), stateVersion }]))[0]!.snapshot;
  }
}
