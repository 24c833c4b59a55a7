import type { EventRow } from '../../store/store.js';
import { batchOf, eventRow, eventRows, outcomeRow } from './batches.js';
import { hasLength, isAbove, isBelow, matches, present, same } from './expectations.js';
import { positionsOf, type StoreCase, type StoreTest, storeCase } from './store-case.js';

const EVERYTHING = { after: 0, limit: 10_000 };

const INVALID: readonly (readonly [string, Partial<EventRow>])[] = [
  ['version 0', { version: 0 }],
  ['a version beyond the safe integers', { version: 2 ** 53 }],
  ['data that is not JSON', { data: '{' }],
  ['metadata that is not JSON', { metadata: '' }],
  ['a zero byte in a name', { type: 'a\0b' }],
];

const FALSE_ASSERTIONS = [
  ['has moved on', 'a', 2],
  ['has not come as far', 'a', 4],
  ['should not exist', 'a', 0],
  ['does not exist', 'unknown', 1],
] as const;

export const appendCases: readonly StoreCase[] = [
  storeCase('keeps every field of an event as it was given', async (test) => {
    const before = Date.now();
    const row = eventRow(test.stream('a'), 1, {
      type: 'a type: "x"',
      schemaVersion: 7,
      data: ' { "a" : 1.0, "b": 12345678901234567890, "a": "é \\u0000 \\ud800 😀" }',
      metadata: '{"correlationId":"c"}',
      commandId: "it's {me}",
      occurredAt: 1,
    });
    const [position] = await test.stored([row]);
    const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
    same(event, { ...row, position, recordedAt: event?.recordedAt });
    isBelow(Math.abs(present(event).recordedAt - before), 60_000);
  }),

  ...[
    '-004712-01-01T00:00:00Z', // the earliest and the latest that may be stamped
    '+275760-09-13T00:00:00Z',
    '1583-01-01',
    '1969-12-31T23:59:59.999Z',
    '1999-12-31T23:59:59.999Z',
    '3000-01-01',
  ].map((time) =>
    storeCase(`keeps the time ${time} to the millisecond`, async (test) => {
      const occurredAt = Date.parse(time);
      await test.stored([eventRow(test.stream('a'), 1, { occurredAt })]);
      const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
      same(present(event).occurredAt, occurredAt);
    }),
  ),

  storeCase('returns the positions in the order of the rows, each its own', async (test) => {
    const streams = Array.from({ length: 250 }, (_, i) =>
      test.stream(`stream ${(i * 7919) % 250}`),
    );
    const batch = batchOf({ rows: streams.flatMap((stream) => eventRows(stream, 1, 8)) });
    const positions = positionsOf(await test.store.append(test.writer, batch));
    hasLength(positions, 2000);
    const page = await test.store.readAll({ after: present(positions[0]) - 1, limit: 2000 });
    const found = new Map(page.map((event) => [event.position, `${event.id}@${event.version}`]));
    same(
      positions.map((position) => found.get(position)),
      batch.rows.map((row) => `${row.id}@${row.version}`),
    );
  }),

  storeCase('gives later batches higher positions', async (test) => {
    const [first] = await test.stored([eventRow(test.stream('z'), 1)]);
    const [second] = await test.stored([eventRow(test.stream('a'), 1)]);
    isAbove(present(second), present(first));
  }),

  storeCase('takes an empty batch', async (test) => {
    matches(await test.append({}), { kind: 'stored', positions: [] });
  }),

  storeCase('tells when it recorded a batch, as the log has it', async (test) => {
    for (let i = 1; i <= 20; i++) {
      const result = await test.append({ rows: [eventRow(test.stream('a'), i)] });
      const [event] = await test.store.readStream(test.stream('a'), { after: i - 1, limit: 1 });
      matches(result, { recordedAt: present(event).recordedAt });
    }
  }),

  storeCase('takes payloads of a megabyte', async (test) => {
    const data = JSON.stringify({ text: 'é"\\'.repeat(250_000) });
    await test.stored([eventRow(test.stream('a'), 1, { data })]);
    const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
    same(present(event).data, data);
  }),

  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER].map((version) =>
    storeCase(`takes version ${version}`, async (test) => {
      await test.stored([eventRow(test.stream('a'), version)]);
      matches(await test.store.heads([test.stream('a')]), [{ version }]);
    }),
  ),

  ...INVALID.map(([what, given]) =>
    storeCase(`finds ${what} invalid and stores nothing`, async (test) => {
      const rows = [eventRow(test.stream('a'), 1), eventRow(test.stream('b'), 1, given)];
      same((await test.append({ rows })).kind, 'invalid');
      await expectVersion(test, 'a', 0);
    }),
  ),

  storeCase(
    'reports a conflict and stores nothing of a batch when one version is taken',
    async (test) => {
      await test.stored(eventRows(test.stream('b'), 1, 2));
      const rows = ['a', 'b', 'c'].map((id) => eventRow(test.stream(id), 2));
      const outcomes = [outcomeRow(test.stream('a'), 'key')];
      same((await test.append({ rows, outcomes })).kind, 'conflict');
      await expectVersion(test, 'a', 0);
      await expectVersion(test, 'c', 0);
      same(await test.store.findOutcomes(outcomes), []);
    },
  ),

  storeCase('reports a conflict when a batch holds the same version twice', async (test) => {
    const rows = [eventRow(test.stream('a'), 1), eventRow(test.stream('a'), 1)];
    same((await test.append({ rows })).kind, 'conflict');
    await expectVersion(test, 'a', 0);
  }),

  storeCase('lets exactly one of several appends of one version win', async (test) => {
    const rivals = [test.store, await test.open(), await test.open()];
    const batch = batchOf({ rows: eventRows(test.stream('a'), 1, 3) });
    const results = await Promise.all(rivals.map((store) => store.append(test.writer, batch)));
    same(results.map((it) => it.kind).sort(), ['conflict', 'conflict', 'stored']);
    await expectVersion(test, 'a', 3);
  }),

  storeCase('stores a batch whose assertions hold, of unknown streams too', async (test) => {
    await test.stored(eventRows(test.stream('a'), 1, 3));
    const assertions = [
      { ...test.stream('a'), version: 3 },
      { ...test.stream('unknown'), version: 0 },
    ];
    same((await test.append({ assertions })).kind, 'stored');
    const rows = [eventRow(test.stream('b'), 1)];
    same((await test.append({ rows, assertions })).kind, 'stored');
  }),

  ...FALSE_ASSERTIONS.map(([what, id, version]) =>
    storeCase(
      `reports a conflict and stores nothing when an asserted stream ${what}`,
      async (test) => {
        await test.stored(eventRows(test.stream('a'), 1, 3));
        const assertions = [{ ...test.stream(id), version }];
        same((await test.append({ assertions })).kind, 'conflict');
        const rows = [eventRow(test.stream('b'), 1)];
        const outcomes = [outcomeRow(test.stream('b'), 'key')];
        same((await test.append({ rows, assertions, outcomes })).kind, 'conflict');
        await expectVersion(test, 'b', 0);
        same(await test.store.findOutcomes(outcomes), []);
      },
    ),
  ),

  storeCase('checks assertions against what the batch itself appends', async (test) => {
    const rows = eventRows(test.stream('a'), 1, 2);
    const stale = [{ ...test.stream('a'), version: 0 }];
    same((await test.append({ rows, assertions: stale })).kind, 'conflict');
    const fresh = [{ ...test.stream('a'), version: 2 }];
    same((await test.append({ rows, assertions: fresh })).kind, 'stored');
  }),
];

async function expectVersion(test: StoreTest, id: string, version: number): Promise<void> {
  matches(await test.store.heads([test.stream(id)]), [{ version }]);
}
