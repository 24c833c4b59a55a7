import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindOptions } from '../../src/projection/view-query.js';
import { type Columns, newShelf } from './support/new-shelf.js';
import { kindsOfTables, type TablesUnderTest } from './support/tables-under-test.js';

describe('memory and Postgres', () => {
  let both: readonly TablesUnderTest[];
  beforeAll(async () => {
    both = await Promise.all(kindsOfTables.map(([, start]) => start()));
  });
  afterAll(() => Promise.all((both ?? []).map((under) => under.stop())));

  it('answer any question alike', async () => {
    const orNull = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
    const text = fc.string({ unit: 'grapheme', maxLength: 3 }).filter((t) => !t.includes('\0'));
    const instant = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((d) => d.toISOString());
    const value = {
      title: text,
      pages: fc.integer({ min: -3, max: 3 }),
      sold: fc.maxSafeInteger(),
      price: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom('1.50', '1.5', '0', '-0'),
      ),
      lent: fc.boolean(),
      printedAt: instant,
      dueOn: instant.map((at) => at.slice(0, 10)),
    };
    const name = fc.constantFrom(...(Object.keys(value) as (keyof typeof value)[]));
    const book = fc.record(
      Object.fromEntries(
        Object.entries(value).map(([key, some]) => [key, orNull(some as fc.Arbitrary<unknown>)]),
      ),
    );
    const operator = fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte');
    const test = name.chain((column) =>
      fc.tuple(fc.constant(column), operator, value[column] as fc.Arbitrary<unknown>),
    );
    const order = fc.uniqueArray(fc.tuple(name, fc.constantFrom('asc', 'desc')), {
      maxLength: 3,
      selector: ([n]) => n,
    });
    const property = fc.asyncProperty(
      fc.array(book, { minLength: 1, maxLength: 12 }),
      fc.array(test, { maxLength: 2 }),
      order,
      fc.integer({ min: 1, max: 5 }),
      async (all, tests, orders, limit) => {
        const where = Object.fromEntries(
          tests.map(([column, how, than]) => [column, { [how]: than }]),
        );
        const answers = await Promise.all(
          both.map((under) =>
            pagesOf(under, all, { where, orderBy: Object.fromEntries(orders), limit } as never),
          ),
        );
        expect(answers[0]).toEqual(answers[1]);
      },
    );
    await fc.assert(property, { numRuns: 40 });
  }, 60_000);
});

async function pagesOf(
  under: TablesUnderTest,
  all: readonly object[],
  options: FindOptions<Columns>,
) {
  const own = await newShelf(under);
  for (const [i, book] of all.entries()) await own.put(`k${i}`, book);
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const { items, next } = await own.client.find({ ...options, after });
    pages.push(items.map(({ key }) => key));
    after = next;
  } while (after !== undefined);
  return [pages, await own.client.count(options.where)];
}
