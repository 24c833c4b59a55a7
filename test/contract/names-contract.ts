import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchOf, eventRow, outcomeRow } from './batches.js';
import { positionsOf, type StoreTest } from './store-contract.js';

const ODD_IDS = [
  'q, 7)=(z',
  "'",
  "''; DROP TABLE events; --",
  '"',
  '\\',
  "\\'",
  '\\x00',
  '{}',
  '{a,b}',
  '{"a"}',
  'NULL',
  'null',
  ' ',
  'a b',
  'a/b@1',
  '$1',
  '%',
  '😀',
  '\u{10ffff}',
  '\ue000',
  '\ufffd',
  '\uffff',
  'é', // composed
  'e\u0301', // decomposed
  'ß',
  'SS',
  'ı',
  '\u2028',
  'x'.repeat(512),
  '😀'.repeat(128),
];

export function namesContract(test: StoreTest): void {
  it('keeps streams with odd ids apart, in each of its methods', async () => {
    const streams = ODD_IDS.map((id) => test.stream(id));
    const batch = batchOf({
      rows: streams.map((stream, i) => eventRow(stream, 1, { data: String(i) })),
      outcomes: streams.map((stream, i) => outcomeRow(stream, stream.id, { hash: `hash${i}` })),
    });
    expect((await test.store.append(test.writer, batch)).kind).toBe('stored');

    const heads = await test.store.heads(streams);
    expect(heads.map((head) => head.id)).toEqual(ODD_IDS);
    expect(heads.every((head) => head.version === 1)).toBe(true);
    const loaded = await test.store.load(streams.map((it) => ({ ...it, stateVersion: 1 })));
    expect(loaded.map(({ events }) => events.map((event) => event.data))).toEqual(
      ODD_IDS.map((_, i) => [String(i)]),
    );
    const keys = streams.map((stream) => ({ ...stream, key: stream.id }));
    const outcomes = await test.store.findOutcomes(keys);
    expect(new Map(outcomes.map((it) => [it.id, it.hash]))).toEqual(
      new Map(ODD_IDS.map((id, i) => [id, `hash${i}`])),
    );
  });

  it.each(ODD_IDS)('reports a conflict on %j as on any other', async (id) => {
    const rows = [eventRow(test.stream(id), 1)];
    await test.stored(rows);
    expect((await test.append({ rows })).kind).toBe('conflict');
    const key = [outcomeRow(test.stream(id), id)];
    expect((await test.append({ outcomes: key })).kind).toBe('stored');
    expect((await test.append({ outcomes: key })).kind).toBe('conflict');
  });

  it('H24 keeps ids apart that differ only by normalisation or case', async () => {
    const spellings = [
      '\u00e9',
      'e\u0301',
      '\u00c9',
      '\ufb01',
      'fi',
      '\u212b',
      '\u00c5',
      'A\u030a',
    ];
    await test.stored(spellings.map((id) => eventRow(test.stream(id), 1, { data: `"${id}"` })));
    for (const id of spellings) {
      const events = await test.store.readStream(test.stream(id), { after: 0, limit: 10 });
      expect(events.map((event) => event.data)).toEqual([`"${id}"`]);
    }
  });

  it('H22 returns the positions of ids above and below the surrogates for their own rows', async () => {
    const ids = ['\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a\u{1f600}', 'a\uffff'];
    const batch = batchOf({ rows: ids.map((id) => eventRow(test.stream(id), 1)) });
    const positions = positionsOf(await test.store.append(test.writer, batch));
    const heads = await test.store.heads(batch.rows);
    expect(positions).toEqual(heads.map((head) => head.position));
  });

  it('returns the positions of any ids for their own rows', async () => {
    let run = 0;
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
    const ids = fc.uniqueArray(name.filter(storable), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(ids, async (names) => {
        const aggregate = `${test.aggregate}-${++run}`;
        const batch = batchOf({ rows: names.map((id) => eventRow({ aggregate, id }, 1)) });
        const positions = positionsOf(await test.store.append(test.writer, batch));
        const heads = await test.store.heads(batch.rows);
        expect(heads.map((head) => head.position)).toEqual(positions);
      }),
      { numRuns: 50 },
    );
  });
}

function storable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
