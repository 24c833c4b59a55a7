import { expect, it } from 'vitest';
import { batchOf, eventRow, eventRows, outcomeRow } from './batches.js';
import { positionsOf, type StoreTest } from './store-contract.js';

const EVERYTHING = { after: 0, limit: 10_000 };

export function appendContract(test: StoreTest): void {
  it('keeps every field of an event as it was given', async () => {
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
    expect(event).toEqual({ ...row, position, recordedAt: expect.any(Number) });
    expect(Math.abs(event!.recordedAt - before)).toBeLessThan(60_000);
  });

  it.each(['-004712-01-01T00:00:00Z', '+275760-09-13T00:00:00Z'])(
    'takes the earliest and the latest time that may be stamped: %s',
    async (time) => {
      const occurredAt = Date.parse(time);
      await test.stored([eventRow(test.stream('a'), 1, { occurredAt })]);
      const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
      expect(event!.occurredAt).toBe(occurredAt);
    },
  );

  it.each(['1583-01-01', '1969-12-31T23:59:59.999Z', '1999-12-31T23:59:59.999Z', '3000-01-01'])(
    'keeps the time %s to the millisecond',
    async (time) => {
      const occurredAt = Date.parse(time);
      await test.stored([eventRow(test.stream('a'), 1, { occurredAt })]);
      const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
      expect(event!.occurredAt).toBe(occurredAt);
    },
  );

  it('returns the positions in the order of the rows, each its own', async () => {
    const streams = Array.from({ length: 250 }, (_, i) =>
      test.stream(`stream ${(i * 7919) % 250}`),
    );
    const batch = batchOf({ rows: streams.flatMap((stream) => eventRows(stream, 1, 8)) });
    const positions = positionsOf(await test.store.append(test.writer, batch));
    expect(positions).toHaveLength(2000);
    const page = await test.store.readAll({ after: positions[0]! - 1, limit: 2000 });
    const found = new Map(page.map((event) => [event.position, `${event.id}@${event.version}`]));
    expect(positions.map((position) => found.get(position))).toEqual(
      batch.rows.map((row) => `${row.id}@${row.version}`),
    );
  });

  it('gives later batches higher positions', async () => {
    const [first] = await test.stored([eventRow(test.stream('z'), 1)]);
    const [second] = await test.stored([eventRow(test.stream('a'), 1)]);
    expect(second).toBeGreaterThan(first!);
  });

  it('takes an empty batch', async () => {
    expect(await test.append({})).toEqual({ kind: 'stored', positions: [] });
  });

  it('takes payloads of a megabyte', async () => {
    const data = JSON.stringify({ text: 'é"\\'.repeat(250_000) });
    await test.stored([eventRow(test.stream('a'), 1, { data })]);
    const [event] = await test.store.readStream(test.stream('a'), EVERYTHING);
    expect(event!.data).toBe(data);
  });

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER])(
    'takes version %d',
    async (version) => {
      await test.stored([eventRow(test.stream('a'), version)]);
      expect(await test.store.heads([test.stream('a')])).toMatchObject([{ version }]);
    },
  );

  it.each([
    ['version 0', { version: 0 }],
    ['a version beyond the safe integers', { version: 2 ** 53 }],
    ['data that is not JSON', { data: '{' }],
    ['metadata that is not JSON', { metadata: '' }],
    ['a zero byte in a name', { type: 'a\0b' }],
  ])('finds %s invalid and stores nothing', async (_, given) => {
    const rows = [eventRow(test.stream('a'), 1), eventRow(test.stream('b'), 1, given)];
    expect((await test.append({ rows })).kind).toBe('invalid');
    await expectVersion('a', 0);
  });

  it('reports a conflict and stores nothing of a batch when one version is taken', async () => {
    await test.stored(eventRows(test.stream('b'), 1, 2));
    const rows = ['a', 'b', 'c'].map((id) => eventRow(test.stream(id), 2));
    const outcomes = [outcomeRow(test.stream('a'), 'key')];
    expect((await test.append({ rows, outcomes })).kind).toBe('conflict');
    await expectVersion('a', 0);
    await expectVersion('c', 0);
    expect(await test.store.findOutcomes(outcomes)).toEqual([]);
  });

  it('reports a conflict when a batch holds the same version twice', async () => {
    const rows = [eventRow(test.stream('a'), 1), eventRow(test.stream('a'), 1)];
    expect((await test.append({ rows })).kind).toBe('conflict');
    await expectVersion('a', 0);
  });

  it('lets exactly one of several appends of one version win', async () => {
    const rivals = [test.store, test.open(), test.open()];
    const batch = batchOf({ rows: eventRows(test.stream('a'), 1, 3) });
    const results = await Promise.all(rivals.map((store) => store.append(test.writer, batch)));
    expect(results.map((it) => it.kind).sort()).toEqual(['conflict', 'conflict', 'stored']);
    await expectVersion('a', 3);
  });

  it('stores a batch whose assertions hold, of unknown streams too', async () => {
    await test.stored(eventRows(test.stream('a'), 1, 3));
    const assertions = [
      { ...test.stream('a'), version: 3 },
      { ...test.stream('unknown'), version: 0 },
    ];
    expect((await test.append({ assertions })).kind).toBe('stored');
    const rows = [eventRow(test.stream('b'), 1)];
    expect((await test.append({ rows, assertions })).kind).toBe('stored');
  });

  it.each([
    ['has moved on', 'a', 2],
    ['has not come as far', 'a', 4],
    ['should not exist', 'a', 0],
    ['does not exist', 'unknown', 1],
  ])('reports a conflict and stores nothing when an asserted stream %s', async (_, id, version) => {
    await test.stored(eventRows(test.stream('a'), 1, 3));
    const assertions = [{ ...test.stream(id), version }];
    expect((await test.append({ assertions })).kind).toBe('conflict');
    const rows = [eventRow(test.stream('b'), 1)];
    const outcomes = [outcomeRow(test.stream('b'), 'key')];
    expect((await test.append({ rows, assertions, outcomes })).kind).toBe('conflict');
    await expectVersion('b', 0);
    expect(await test.store.findOutcomes(outcomes)).toEqual([]);
  });

  it('checks assertions against what the batch itself appends', async () => {
    const rows = eventRows(test.stream('a'), 1, 2);
    const stale = [{ ...test.stream('a'), version: 0 }];
    expect((await test.append({ rows, assertions: stale })).kind).toBe('conflict');
    const fresh = [{ ...test.stream('a'), version: 2 }];
    expect((await test.append({ rows, assertions: fresh })).kind).toBe('stored');
  });

  async function expectVersion(id: string, version: number): Promise<void> {
    expect(await test.store.heads([test.stream(id)])).toMatchObject([{ version }]);
  }
}
