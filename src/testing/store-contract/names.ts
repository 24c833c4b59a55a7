import { batchOf, eventRow, outcomeRow } from './batches.js';
import { same } from './expectations.js';
import { positionsOf, type StoreCase, storeCase } from './store-case.js';

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

export const namesCases: readonly StoreCase[] = [
  storeCase('keeps streams with odd ids apart, in each of its methods', async (test) => {
    const streams = ODD_IDS.map((id) => test.stream(id));
    const batch = batchOf({
      rows: streams.map((stream, i) => eventRow(stream, 1, { data: String(i) })),
      outcomes: streams.map((stream, i) => outcomeRow(stream, stream.id, { hash: `hash${i}` })),
    });
    same((await test.store.append(test.writer, batch)).kind, 'stored');

    const heads = await test.store.heads(streams);
    same(
      heads.map((head) => head.id),
      ODD_IDS,
    );
    same(
      heads.every((head) => head.version === 1),
      true,
    );
    const loaded = await test.store.load(streams.map((it) => ({ ...it, stateVersion: 1 })));
    same(
      loaded.map(({ events }) => events.map((event) => event.data)),
      ODD_IDS.map((_, i) => [String(i)]),
    );
    const keys = streams.map((stream) => ({ ...stream, key: stream.id }));
    const outcomes = await test.store.findOutcomes(keys);
    same(
      new Map(outcomes.map((it) => [it.id, it.hash])),
      new Map(ODD_IDS.map((id, i) => [id, `hash${i}`])),
    );
  }),

  ...ODD_IDS.map((id) =>
    storeCase(`reports a conflict on ${JSON.stringify(id)} as on any other`, async (test) => {
      const rows = [eventRow(test.stream(id), 1)];
      await test.stored(rows);
      same((await test.append({ rows })).kind, 'conflict');
      const key = [outcomeRow(test.stream(id), id)];
      same((await test.append({ outcomes: key })).kind, 'stored');
      same((await test.append({ outcomes: key })).kind, 'conflict');
    }),
  ),

  storeCase('H24 keeps ids apart that differ only by normalisation or case', async (test) => {
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
      same(
        events.map((event) => event.data),
        [`"${id}"`],
      );
    }
  }),

  storeCase(
    'H22 returns the positions of ids above and below the surrogates for their own rows',
    async (test) => {
      const ids = [
        '\ud7ff',
        '\ue000',
        '\uffff',
        '\u{10000}',
        '\u{10ffff}',
        'a\u{1f600}',
        'a\uffff',
      ];
      const batch = batchOf({ rows: ids.map((id) => eventRow(test.stream(id), 1)) });
      const positions = positionsOf(await test.store.append(test.writer, batch));
      const heads = await test.store.heads(batch.rows);
      same(
        positions,
        heads.map((head) => head.position),
      );
    },
  ),
];
