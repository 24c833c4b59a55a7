import fc from 'fast-check';
import { defineView } from 'troupe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import type { View } from '../../src/projection/view.js';
import { ViewClient } from '../../src/projection/view-client.js';
import { foldBatch } from '../../src/projection/view-consumer.js';
import { history, type Note, purse, totals } from './support/ledger.js';
import { kindsOfTables, type TablesUnderTest } from './support/tables-under-test.js';

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const cents = fc.integer({ min: -100, max: 100 });
const note: fc.Arbitrary<Note> = fc.oneof(
  fc.tuple(ids, fc.constant('opened'), fc.record({ owner: fc.string() })),
  fc.tuple(ids, fc.constant('put'), fc.record({ cents })),
  fc.tuple(ids, fc.constant('closed'), fc.constant({})),
  fc.tuple(ids, fc.constant('booked'), fc.record({ from: ids, to: ids, cents })),
  fc.tuple(ids, fc.constant('noted'), fc.record({ text: fc.string() })),
);
const notes = fc.array(note, { maxLength: 40 });
/** Owners of columns must be storable. */
const storable = (all: readonly Note[]) => !JSON.stringify(all).includes('\\u0000');

let versions = 0;
/** The same view with an empty table of its own. */
function anew(view: View): View {
  return { ...view, name: `fold-${++versions}` };
}

describe.each(kindsOfTables)('folding into tables %s', (_, start) => {
  let under: TablesUnderTest;
  beforeAll(async () => {
    under = await start();
  });
  afterAll(() => under?.stop());

  async function folded(given: View, batches: readonly (readonly FeedEvent[])[]) {
    const view = anew(given);
    await under.transaction((tx) => under.tables.prepare(tx, view));
    for (const batch of batches)
      await under.transaction((tx) => foldBatch(view, under.tables, batch, tx));
    const { items } = await new ViewClient(view, under).find({ limit: 1000 });
    return new Map(items.map(({ key, document }) => [key, document]));
  }

  it('gives the same in batches as one by one, whatever happens', async () => {
    const property = fc.asyncProperty(
      notes.filter(storable),
      fc.integer({ min: 1, max: 40 }),
      async (all, size) => {
        const events = history(...all);
        const batches: FeedEvent[][] = [];
        for (let i = 0; i < events.length; i += size) batches.push(events.slice(i, i + size));
        const one = await folded(
          totals,
          events.map((event) => [event]),
        );
        expect(await folded(totals, batches)).toEqual(one);
      },
    );
    await fc.assert(property, { numRuns: 15 });
  }, 60_000);

  it('takes an event to one, to many and to no document, and deletes', async () => {
    const found = await folded(totals, [
      history(
        ['a', 'opened', { owner: 'mia' }],
        ['b', 'opened', { owner: 'ben' }],
        ['a', 'put', { cents: 10 }],
        ['t', 'booked', { from: 'a', to: 'b', cents: 4 }],
        ['t', 'noted', { text: 'nobody hears of it' }],
        ['c', 'put', { cents: 1 }],
        ['c', 'closed', {}],
      ),
    ]);
    expect(found).toEqual(
      new Map([
        ['a', { owner: 'mia', cents: 6, moves: ['transfer t'] }],
        ['b', { owner: 'ben', cents: 4, moves: ['transfer t'] }],
      ]),
    );
  });

  it('begins again with the initial document after a deletion, also in another batch', async () => {
    const events = history(
      ['a', 'put', { cents: 5 }],
      ['a', 'closed', {}],
      ['a', 'put', { cents: 1 }],
    );
    const after = new Map([['a', { owner: null, cents: 1, moves: [] }]]);
    expect(await folded(totals, [events])).toEqual(after);
    expect(
      await folded(
        totals,
        events.map((event) => [event]),
      ),
    ).toEqual(after);
  });

  it('keeps documents apart that evolve builds from one event and changes in place', async () => {
    const lists = defineView({
      name: 'lists',
      version: 1,
      on: [purse],
      key: () => ['x', 'y'],
      initial: { all: [] as { cents: number }[] },
      evolve(doc, event, key) {
        if (event.type === 'put') doc.all.push(event.data);
        const [first] = doc.all;
        if (first && key === 'x') first.cents++;
        return doc;
      },
    });
    const events = (): readonly FeedEvent[] =>
      history(['a', 'put', { cents: 1 }], ['a', 'put', { cents: 5 }]);
    const batch = await folded(lists, [events().map((event) => structuredClone(event))]);
    const single = await folded(
      lists,
      events().map((event) => [structuredClone(event)]),
    );
    expect(batch).toEqual(single);
  });

  it.each<[string, Partial<View>, RegExp]>([
    [
      'evolve throws',
      {
        evolve: () => {
          throw new Error('no such thing');
        },
      },
      /evolve threw: no such thing/,
    ],
    ['evolve gives nothing', { evolve: () => undefined }, /evolve gave nothing/],
    [
      'evolve gives no JSON',
      { evolve: () => ({ at: new Date() }) },
      /document\.at: an instance of Date/,
    ],
    [
      'key throws',
      {
        key: () => {
          throw new Error('no key');
        },
      },
      /key threw: no key/,
    ],
    ['a key is no string', { key: () => 7 as never }, /key gave 7: expected a string/],
    ['a key is empty', { key: () => [''] }, /key gave "": expected at least one/],
  ])('names the view, the event and the reason where %s', async (_, parts, message) => {
    const view = { ...totals, ...parts } as View;
    const failure = folded(view, [history(['a', 'put', { cents: 5 }])]);
    await expect(failure).rejects.toMatchObject({
      code: 'ProjectionFailed',
      message: expect.stringMatching(
        /^View fold-\d+, version 1, at purse\/a@1 \(put, position 1\): /,
      ),
      details: { aggregate: 'purse', id: 'a', version: 1, position: 1 },
    });
    await expect(failure).rejects.toThrow(message);
  });

  it('names the column that a value does not fit', async () => {
    const failure = folded(totals, [history(['a', 'opened', { owner: 'x'.repeat(2001) }])]);
    await expect(failure).rejects.toMatchObject({
      code: 'ViewColumnInvalid',
      message: expect.stringMatching(
        /column owner of document "a": expected a string of at most 2000/,
      ),
    });
  });
});
