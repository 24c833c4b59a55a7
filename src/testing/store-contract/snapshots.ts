import type { SnapshotRow } from '../../store/snapshots.js';
import { eventRows } from './batches.js';
import { isUndefined, matches, present, same } from './expectations.js';
import { type StoreCase, type StoreTest, storeCase } from './store-case.js';

export const snapshotsCases: readonly StoreCase[] = [
  storeCase('stores a snapshot with the position of its event', async (test) => {
    const positions = await test.stored(eventRows(test.stream('a'), 1, 5));
    await test.store.saveSnapshots([snapshot(test, 4)]);
    same(await stored(test), {
      ...{ version: 4, position: positions[3], commandId: 'command-a-4', state: '{"at":4}' },
    });
  }),

  storeCase('H15 only ever raises the version of a stored snapshot', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([snapshot(test, 5, { state: '"first"' })]);
    await test.store.saveSnapshots([snapshot(test, 3)]);
    await test.store.saveSnapshots([snapshot(test, 5, { state: '"again"' })]);
    matches(await stored(test), { version: 5, state: '"first"' });
    await test.store.saveSnapshots([snapshot(test, 8)]);
    matches(await stored(test), { version: 8, state: '{"at":8}' });
  }),

  storeCase('H15 stores a snapshot only if the log holds its version and command', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 5));
    await test.store.saveSnapshots([
      snapshot(test, 6),
      snapshot(test, 4, { commandId: 'of another history' }),
    ]);
    isUndefined(await stored(test));
    await test.store.saveSnapshots([snapshot(test, 2), snapshot(test, 9)]);
    matches(await stored(test), { version: 2 });
  }),

  storeCase('H15 keeps the snapshots of two state versions side by side', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([
      snapshot(test, 8, { stateVersion: 1 }),
      snapshot(test, 3, { stateVersion: 2 }),
    ]);
    matches(await stored(test, 1), { version: 8 });
    matches(await stored(test, 2), { version: 3 });
  }),

  storeCase('keeps the highest of several snapshots of one stream', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 9));
    await test.store.saveSnapshots([snapshot(test, 3), snapshot(test, 7), snapshot(test, 5)]);
    matches(await stored(test), { version: 7, state: '{"at":7}' });
  }),

  storeCase('stores snapshots of many streams at once', async (test) => {
    const ids = Array.from({ length: 50 }, (_, i) => `😀${i}`);
    await test.stored(ids.flatMap((id) => eventRows(test.stream(id), 1, 2)));
    await test.store.saveSnapshots(
      ids.map((id) => snapshot(test, 2, { id, commandId: `command-${id}-2`, state: `"${id}"` })),
    );
    const loaded = await test.store.load(
      ids.map((id) => ({ ...test.stream(id), stateVersion: 1 })),
    );
    same(
      loaded.map((it) => it.snapshot?.state),
      ids.map((id) => `"${id}"`),
    );
    await test.store.saveSnapshots([]);
  }),
];

function snapshot(test: StoreTest, version: number, given: Partial<SnapshotRow> = {}): SnapshotRow {
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

async function stored(test: StoreTest, stateVersion = 1) {
  return present((await test.store.load([{ ...test.stream('a'), stateVersion }]))[0]).snapshot;
}
