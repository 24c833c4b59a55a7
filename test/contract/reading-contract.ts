import { expect, it } from 'vitest';
import { eventRow, eventRows } from './batches.js';
import type { StoreTest } from './store-contract.js';

export function readingContract(test: StoreTest): void {
  it('returns heads in the order asked for, with version 0 for unknown streams', async () => {
    const [, second] = await test.stored(eventRows(test.stream('a'), 1, 2));
    const [third] = await test.stored([eventRow(test.stream('b'), 1)]);
    const a = { ...test.stream('a'), version: 2, position: second, commandId: 'command-a-2' };
    const b = { ...test.stream('b'), version: 1, position: third, commandId: 'command-b-1' };
    const none = { ...test.stream('unknown'), version: 0, position: 0, commandId: '' };
    const asked = ['b', 'unknown', 'a', 'b'].map(test.stream);
    expect(await test.store.heads(asked)).toEqual([b, none, a, b]);
    expect(await test.store.heads([])).toEqual([]);
  });

  it('reads a stream in pages by version', async () => {
    await test.stored([...eventRows(test.stream('a'), 1, 7), ...eventRows(test.stream('b'), 1, 3)]);
    const page = (after: number, limit: number) =>
      test.store.readStream(test.stream('a'), { after, limit });
    expect((await page(0, 4)).map((event) => event.version)).toEqual([1, 2, 3, 4]);
    expect((await page(4, 4)).map((event) => event.version)).toEqual([5, 6, 7]);
    expect(await page(7, 4)).toEqual([]);
    expect(await test.store.readStream(test.stream('unknown'), { after: 0, limit: 4 })).toEqual([]);
  });

  it('reads version ranges in the order asked for', async () => {
    await test.stored([...eventRows(test.stream('a'), 1, 7), ...eventRows(test.stream('b'), 1, 3)]);
    const ranges = [
      { ...test.stream('b'), after: 1, upTo: 3 },
      { ...test.stream('a'), after: 5, upTo: 9 },
      { ...test.stream('a'), after: 3, upTo: 3 },
      { ...test.stream('unknown'), after: 0, upTo: 9 },
      { ...test.stream('a'), after: 0, upTo: 2 },
    ];
    const found = await test.store.readRanges(ranges);
    expect(found.map((events) => events.map((event) => `${event.id}${event.version}`))).toEqual([
      ...[['b2', 'b3'], ['a6', 'a7'], [], [], ['a1', 'a2']],
    ]);
    expect(found[0]![0]).toMatchObject({ data: '{"version":2}', commandId: 'command-b-2' });
    expect(await test.store.readRanges([])).toEqual([]);
  });

  it('reads the whole log in pages, each event once and in order', async () => {
    for (const id of ['c', 'a', 'b']) await test.stored(eventRows(test.stream(id), 1, 5));
    const positions: number[] = [];
    let after = test.writer.afterPosition;
    for (;;) {
      const page = await test.store.readAll({ after, limit: 4 });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(4);
      positions.push(...page.map((event) => event.position));
      after = page.at(-1)!.position;
    }
    expect(positions).toHaveLength(15);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(await test.store.readAll({ after, limit: 4 })).toEqual([]);
    expect(await test.store.readAll({ after: after + 1000, limit: 4 })).toEqual([]);
  });

  it('reads through one store what another has appended', async () => {
    const [position] = await test.stored([eventRow(test.stream('a'), 1)]);
    const other = test.open();
    const page = await other.readAll({ after: test.writer.afterPosition, limit: 10 });
    expect(page).toMatchObject([{ ...test.stream('a'), version: 1, position }]);
  });

  it('reads the heads of the log as it reads the log, without payloads', async () => {
    await test.stored([...eventRows(test.stream('a'), 1, 3), ...eventRows(test.stream('b'), 1, 2)]);
    const { afterPosition: after } = test.writer;
    const events = await test.store.readAll({ after, limit: 10 });
    expect(await test.store.readHeads({ after, limit: 10 })).toEqual(
      events.map(({ position, slice, aggregate, id, version, commandId }) => ({
        ...{ position, slice, aggregate, id, version, commandId },
      })),
    );
    expect(await test.store.readHeads({ after, limit: 2 })).toHaveLength(2);
    expect(await test.store.readHeads({ after: after + 1000, limit: 2 })).toEqual([]);
  });

  it('tells where the log ends, and whether others may write to it', async () => {
    const positions = await test.stored(eventRows(test.stream('a'), 1, 3));
    const position = positions.at(-1);
    expect(await test.store.logEnd([])).toEqual({ position, othersWrite: true });
    expect(await test.store.settledEnd()).toBe(position);
  });

  it('finds the events of commands by position', async () => {
    await test.stored([
      eventRow(test.stream('b'), 1, { commandId: 'wanted' }),
      eventRow(test.stream('b'), 2, { commandId: 'wanted' }),
      eventRow(test.stream('b'), 3, { commandId: 'other' }),
    ]);
    await test.stored([eventRow(test.stream('a'), 1, { commandId: 'wanted' })]);
    expect(await found(['b', 'a'])).toEqual(['b1', 'b2', 'a1']);
    expect(await found(['b'])).toEqual(['b1', 'b2']);
    expect(await found(['b', 'b'])).toEqual(['b1', 'b2']);
    expect(await found(['unknown'])).toEqual([]);
    expect(await found([])).toEqual([]);
  });

  it('does not look for commands below the position, unless the server was restarted', async () => {
    const [first] = await test.stored([eventRow(test.stream('a'), 1, { commandId: 'wanted' })]);
    await test.stored([eventRow(test.stream('a'), 2, { commandId: 'wanted' })]);
    expect(await found(['a'], { afterPosition: first! })).toEqual(['a2']);
    const elsewhere = { afterPosition: first! + 1, incarnation: 'elsewhere/00000001/1' };
    expect(await found(['a'], elsewhere)).toEqual(['a1', 'a2']);
  });

  async function found(ids: readonly string[], given: object = {}): Promise<string[]> {
    const { incarnation, afterPosition } = test.writer;
    const commands = ids.map((id) => ({ ...test.stream(id), commandId: 'wanted' }));
    const query = { commands, afterPosition, incarnation, ...given };
    return (await test.store.findCommands(query)).map((event) => `${event.id}${event.version}`);
  }
}
