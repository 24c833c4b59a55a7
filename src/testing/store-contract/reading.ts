import { eventRow, eventRows } from './batches.js';
import { hasLength, isAtMost, matches, present, same } from './expectations.js';
import { type StoreCase, type StoreTest, storeCase } from './store-case.js';

export const readingCases: readonly StoreCase[] = [
  storeCase(
    'returns heads in the order asked for, with version 0 for unknown streams',
    async (test) => {
      const [, second] = await test.stored(eventRows(test.stream('a'), 1, 2));
      const [third] = await test.stored([eventRow(test.stream('b'), 1)]);
      const a = { ...test.stream('a'), version: 2, position: second, commandId: 'command-a-2' };
      const b = { ...test.stream('b'), version: 1, position: third, commandId: 'command-b-1' };
      const none = { ...test.stream('unknown'), version: 0, position: 0, commandId: '' };
      const asked = ['b', 'unknown', 'a', 'b'].map(test.stream);
      same(await test.store.heads(asked), [b, none, a, b]);
      same(await test.store.heads([]), []);
    },
  ),

  storeCase('reads a stream in pages by version', async (test) => {
    await test.stored([...eventRows(test.stream('a'), 1, 7), ...eventRows(test.stream('b'), 1, 3)]);
    const page = (after: number, limit: number) =>
      test.store.readStream(test.stream('a'), { after, limit });
    same(
      (await page(0, 4)).map((event) => event.version),
      [1, 2, 3, 4],
    );
    same(
      (await page(4, 4)).map((event) => event.version),
      [5, 6, 7],
    );
    same(await page(7, 4), []);
    same(await test.store.readStream(test.stream('unknown'), { after: 0, limit: 4 }), []);
  }),

  storeCase('reads version ranges in the order asked for', async (test) => {
    await test.stored([...eventRows(test.stream('a'), 1, 7), ...eventRows(test.stream('b'), 1, 3)]);
    const ranges = [
      { ...test.stream('b'), after: 1, upTo: 3 },
      { ...test.stream('a'), after: 5, upTo: 9 },
      { ...test.stream('a'), after: 3, upTo: 3 },
      { ...test.stream('unknown'), after: 0, upTo: 9 },
      { ...test.stream('a'), after: 0, upTo: 2 },
    ];
    const found = await test.store.readRanges(ranges);
    same(
      found.map((events) => events.map((event) => `${event.id}${event.version}`)),
      [...[['b2', 'b3'], ['a6', 'a7'], [], [], ['a1', 'a2']]],
    );
    matches(found[0]?.[0], { data: '{"version":2}', commandId: 'command-b-2' });
    same(await test.store.readRanges([]), []);
  }),

  storeCase('reads the whole log in pages, each event once and in order', async (test) => {
    for (const id of ['c', 'a', 'b']) await test.stored(eventRows(test.stream(id), 1, 5));
    const positions: number[] = [];
    let after = test.writer.afterPosition;
    for (;;) {
      const page = await test.store.readAll({ after, limit: 4 });
      if (page.length === 0) break;
      isAtMost(page.length, 4);
      positions.push(...page.map((event) => event.position));
      after = present(page.at(-1)).position;
    }
    hasLength(positions, 15);
    same(
      positions,
      [...positions].sort((a, b) => a - b),
    );
    same(await test.store.readAll({ after, limit: 4 }), []);
    same(await test.store.readAll({ after: after + 1000, limit: 4 }), []);
  }),

  storeCase('reads through one store what another has appended', async (test) => {
    const [position] = await test.stored([eventRow(test.stream('a'), 1)]);
    const other = await test.open();
    const page = await other.readAll({ after: test.writer.afterPosition, limit: 10 });
    matches(page, [{ ...test.stream('a'), version: 1, position }]);
  }),

  storeCase('reads the heads of the log as it reads the log, without payloads', async (test) => {
    await test.stored([...eventRows(test.stream('a'), 1, 3), ...eventRows(test.stream('b'), 1, 2)]);
    const { afterPosition: after } = test.writer;
    const events = await test.store.readAll({ after, limit: 10 });
    same(
      await test.store.readHeads({ after, limit: 10 }),
      events.map(({ position, slice, aggregate, id, version, commandId }) => ({
        ...{ position, slice, aggregate, id, version, commandId },
      })),
    );
    hasLength(await test.store.readHeads({ after, limit: 2 }), 2);
    same(await test.store.readHeads({ after: after + 1000, limit: 2 }), []);
  }),

  storeCase('tells where the log ends, and whether others may write to it', async (test) => {
    const positions = await test.stored(eventRows(test.stream('a'), 1, 3));
    const position = positions.at(-1);
    same(await test.store.logEnd([]), { position, othersWrite: true });
    same(await test.store.settledEnd(), position);
  }),

  storeCase('finds the events of commands by position', async (test) => {
    await test.stored([
      eventRow(test.stream('b'), 1, { commandId: 'wanted' }),
      eventRow(test.stream('b'), 2, { commandId: 'wanted' }),
      eventRow(test.stream('b'), 3, { commandId: 'other' }),
    ]);
    await test.stored([eventRow(test.stream('a'), 1, { commandId: 'wanted' })]);
    same(await found(test, ['b', 'a']), ['b1', 'b2', 'a1']);
    same(await found(test, ['b']), ['b1', 'b2']);
    same(await found(test, ['b', 'b']), ['b1', 'b2']);
    same(await found(test, ['unknown']), []);
    same(await found(test, []), []);
  }),

  storeCase(
    'does not look for commands below the position, unless the server was restarted',
    async (test) => {
      const [first] = await test.stored([eventRow(test.stream('a'), 1, { commandId: 'wanted' })]);
      await test.stored([eventRow(test.stream('a'), 2, { commandId: 'wanted' })]);
      same(await found(test, ['a'], { afterPosition: present(first) }), ['a2']);
      const elsewhere = { afterPosition: present(first) + 1, incarnation: 'elsewhere/00000001/1' };
      same(await found(test, ['a'], elsewhere), ['a1', 'a2']);
    },
  ),
];

async function found(
  test: StoreTest,
  ids: readonly string[],
  given: object = {},
): Promise<string[]> {
  const { incarnation, afterPosition } = test.writer;
  const commands = ids.map((id) => ({ ...test.stream(id), commandId: 'wanted' }));
  const query = { commands, afterPosition, incarnation, ...given };
  return (await test.store.findCommands(query)).map((event) => `${event.id}${event.version}`);
}
