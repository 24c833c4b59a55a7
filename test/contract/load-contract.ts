import { expect, it } from 'vitest';
import type { LoadedEvent, LoadRequest } from '../../src/store/store.js';
import { eventRow, eventRows } from './batches.js';
import type { StoreTest } from './store-contract.js';

export function loadContract(test: StoreTest): void {
  it('loads nothing of an unknown stream', async () => {
    expect(await load({})).toEqual({ snapshot: undefined, events: [], more: false });
  });

  it('loads what rebuilding needs of each event, in order of version', async () => {
    const row = eventRow(test.stream('a'), 1, {
      type: 'opened',
      schemaVersion: 3,
      data: '{"b":2}',
    });
    const [position] = await test.stored([row, ...eventRows(test.stream('a'), 2, 40)]);
    const { events } = await load({});
    const { type, schemaVersion, data, commandId, occurredAt } = row;
    expect(events[0]).toMatchObject({
      ...{ version: 1, position, type, schemaVersion, data, commandId, occurredAt },
    });
    expect(versions(events)).toEqual(range(1, 40));
  });

  it('loads the snapshot and what came after it', async () => {
    await snapshotAt(6);
    const { snapshot, events } = await load({});
    expect(snapshot).toMatchObject({ version: 6, state: '{"at":6}', commandId: 'command-a-6' });
    expect(versions(events)).toEqual(range(7, 10));
  });

  it('ignores a snapshot of another state version', async () => {
    await snapshotAt(6);
    const { snapshot, events } = await load({ stateVersion: 2 });
    expect(snapshot).toBeUndefined();
    expect(versions(events)).toEqual(range(1, 10));
  });

  it('loads every event after the known version where the snapshot is newer', async () => {
    await snapshotAt(6);
    const { snapshot, events } = await load({ knownVersion: 3 });
    expect(snapshot?.version).toBe(6);
    expect(versions(events)).toEqual(range(4, 10));
  });

  it('loads every event after the snapshot where the known version is newer', async () => {
    await snapshotAt(6);
    const { snapshot, events } = await load({ knownVersion: 8 });
    expect(snapshot?.version).toBe(6);
    expect(versions(events)).toEqual(range(7, 10));
  });

  it('loads every event where there is a known version but no snapshot', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 10));
    expect(versions((await load({ knownVersion: 8 })).events)).toEqual(range(1, 10));
  });

  it('loads only the tail where the state is known', async () => {
    await snapshotAt(6);
    const older = await load({ knownVersion: 3, tailOnly: true });
    expect(older.snapshot).toBeUndefined();
    expect(versions(older.events)).toEqual(range(4, 10));
    const newer = await load({ knownVersion: 8, tailOnly: true });
    expect(versions(newer.events)).toEqual([9, 10]);
    expect(await load({ knownVersion: 10, tailOnly: true })).toEqual({
      ...{ snapshot: undefined, events: [], more: false },
    });
    expect(versions((await load({ knownVersion: 0, tailOnly: true })).events)).toEqual(
      range(1, 10),
    );
  });

  it('answers many requests in their order, the same stream more than once', async () => {
    const ids = ['c', 'a', 'unknown', 'b', 'a'];
    await test.stored(
      ['a', 'b', 'c'].map((id) => eventRow(test.stream(id), 1, { data: `"${id}"` })),
    );
    const loaded = await test.store.load(
      ids.map((id) => ({ ...test.stream(id), stateVersion: 1 })),
    );
    expect(loaded.map(({ events }) => events.map((event) => event.data))).toEqual([
      ...[['"c"'], ['"a"'], [], ['"b"'], ['"a"']],
    ]);
    expect(await test.store.load([])).toEqual([]);
  });

  it.each([500, 501, 1203])('loads a tail of %d events in contiguous pages', async (length) => {
    await test.stored(eventRows(test.stream('a'), 1, length));
    await test.stored(eventRows(test.stream('b'), 1, 3));
    const found: number[] = [];
    let page = (await test.store.load([request({ id: 'b' }), request({})]))[1]!;
    found.push(...versions(page.events));
    for (let pages = 1; page.more; pages++) {
      expect(pages).toBeLessThan(10);
      page = await load({ knownVersion: found.at(-1)!, tailOnly: true });
      found.push(...versions(page.events));
    }
    expect(found).toEqual(range(1, length));
  });

  function request(given: Partial<LoadRequest>): LoadRequest {
    return { ...test.stream('a'), stateVersion: 1, ...given };
  }

  async function load(given: Partial<LoadRequest>) {
    return (await test.store.load([request(given)]))[0]!;
  }

  /** Ten events of `a` and a snapshot of state version 1. */
  async function snapshotAt(version: number): Promise<void> {
    await test.stored(eventRows(test.stream('a'), 1, 10));
    const state = `{"at":${version}}`;
    const commandId = `command-a-${version}`;
    await test.store.saveSnapshots([
      { ...test.stream('a'), stateVersion: 1, version, position: 0, commandId, state },
    ]);
  }
}

function versions(events: readonly LoadedEvent[]): number[] {
  return events.map((event) => event.version);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
