import type { LoadedEvent, LoadRequest } from '../../store/store.js';
import { eventRow, eventRows } from './batches.js';
import { isBelow, isUndefined, matches, present, same } from './expectations.js';
import { type StoreCase, type StoreTest, storeCase } from './store-case.js';

export const loadCases: readonly StoreCase[] = [
  storeCase('loads nothing of an unknown stream', async (test) => {
    same(await load(test, {}), { snapshot: undefined, events: [], more: false });
  }),

  storeCase('loads what rebuilding needs of each event, in order of version', async (test) => {
    const row = eventRow(test.stream('a'), 1, {
      type: 'opened',
      schemaVersion: 3,
      data: '{"b":2}',
    });
    const [position] = await test.stored([row, ...eventRows(test.stream('a'), 2, 40)]);
    const { events } = await load(test, {});
    const { type, schemaVersion, data, commandId, occurredAt } = row;
    matches(events[0], {
      ...{ version: 1, position, type, schemaVersion, data, commandId, occurredAt },
    });
    same(versions(events), range(1, 40));
  }),

  storeCase('loads the snapshot and what came after it', async (test) => {
    await snapshotAt(test, 6);
    const { snapshot, events } = await load(test, {});
    matches(snapshot, { version: 6, state: '{"at":6}', commandId: 'command-a-6' });
    same(versions(events), range(7, 10));
  }),

  storeCase('ignores a snapshot of another state version', async (test) => {
    await snapshotAt(test, 6);
    const { snapshot, events } = await load(test, { stateVersion: 2 });
    isUndefined(snapshot);
    same(versions(events), range(1, 10));
  }),

  storeCase(
    'loads every event after the known version where the snapshot is newer',
    async (test) => {
      await snapshotAt(test, 6);
      const { snapshot, events } = await load(test, { knownVersion: 3 });
      same(snapshot?.version, 6);
      same(versions(events), range(4, 10));
    },
  ),

  storeCase(
    'loads every event after the snapshot where the known version is newer',
    async (test) => {
      await snapshotAt(test, 6);
      const { snapshot, events } = await load(test, { knownVersion: 8 });
      same(snapshot?.version, 6);
      same(versions(events), range(7, 10));
    },
  ),

  storeCase('loads every event where there is a known version but no snapshot', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 10));
    same(versions((await load(test, { knownVersion: 8 })).events), range(1, 10));
  }),

  storeCase('loads only the tail where the state is known', async (test) => {
    await snapshotAt(test, 6);
    const older = await load(test, { knownVersion: 3, tailOnly: true });
    isUndefined(older.snapshot);
    same(versions(older.events), range(4, 10));
    const newer = await load(test, { knownVersion: 8, tailOnly: true });
    same(versions(newer.events), [9, 10]);
    same(await load(test, { knownVersion: 10, tailOnly: true }), {
      ...{ snapshot: undefined, events: [], more: false },
    });
    same(versions((await load(test, { knownVersion: 0, tailOnly: true })).events), range(1, 10));
  }),

  storeCase(
    'answers many requests in their order, the same stream more than once',
    async (test) => {
      const ids = ['c', 'a', 'unknown', 'b', 'a'];
      await test.stored(
        ['a', 'b', 'c'].map((id) => eventRow(test.stream(id), 1, { data: `"${id}"` })),
      );
      const loaded = await test.store.load(
        ids.map((id) => ({ ...test.stream(id), stateVersion: 1 })),
      );
      same(
        loaded.map(({ events }) => events.map((event) => event.data)),
        [...[['"c"'], ['"a"'], [], ['"b"'], ['"a"']]],
      );
      same(await test.store.load([]), []);
    },
  ),

  ...[500, 501, 1203].map((length) =>
    storeCase(`loads a tail of ${length} events in contiguous pages`, async (test) => {
      await test.stored(eventRows(test.stream('a'), 1, length));
      await test.stored(eventRows(test.stream('b'), 1, 3));
      const found: number[] = [];
      let page = present(
        (await test.store.load([request(test, { id: 'b' }), request(test, {})]))[1],
      );
      found.push(...versions(page.events));
      for (let pages = 1; page.more; pages++) {
        isBelow(pages, 10);
        page = await load(test, { knownVersion: present(found.at(-1)), tailOnly: true });
        found.push(...versions(page.events));
      }
      same(found, range(1, length));
    }),
  ),
];

function request(test: StoreTest, given: Partial<LoadRequest>): LoadRequest {
  return { ...test.stream('a'), stateVersion: 1, ...given };
}

async function load(test: StoreTest, given: Partial<LoadRequest>) {
  return present((await test.store.load([request(test, given)]))[0]);
}

/** Ten events of `a` and a snapshot of state version 1. */
async function snapshotAt(test: StoreTest, version: number): Promise<void> {
  await test.stored(eventRows(test.stream('a'), 1, 10));
  const state = `{"at":${version}}`;
  const commandId = `command-a-${version}`;
  await test.store.saveSnapshots([
    { ...test.stream('a'), stateVersion: 1, version, position: 0, commandId, state },
  ]);
}

function versions(events: readonly LoadedEvent[]): number[] {
  return events.map((event) => event.version);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
