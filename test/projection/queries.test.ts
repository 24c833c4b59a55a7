import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindOptions } from '../../src/projection/view-query.js';
import { type Columns, newShelf, type Shelf } from './support/new-shelf.js';
import { type Book, noBook } from './support/shelf.js';
import { kindsOfTables, type TablesUnderTest } from './support/tables-under-test.js';

const books: Readonly<Record<string, Partial<Book>>> = {
  a: {
    title: 'Äsop',
    pages: 3,
    sold: 2 ** 40,
    price: '1.50',
    lent: true,
    printedAt: '2024-02-29T12:00:00+01:00',
    dueOn: '2024-02-29',
  },
  b: {
    title: 'asop',
    pages: -3,
    sold: -(2 ** 53 - 1),
    price: '-0.001',
    lent: false,
    printedAt: '1970-01-01T00:00:00Z',
    dueOn: '0001-01-01',
  },
  c: {
    title: 'Zeus',
    pages: 10,
    sold: 0,
    price: 1e21,
    lent: true,
    printedAt: '9999-12-31T23:59:59.999Z',
    dueOn: '9999-12-31',
  },
  d: {},
  e: { title: 'asop & co', pages: 3, price: 1.5 },
  f: { title: '😀', price: '12345678901234567890.123456789' },
  g: { title: '\uffee', pages: 0 },
};

describe.each(kindsOfTables)('asking a view %s', (_, start) => {
  let under: TablesUnderTest;
  let it_: Shelf;
  beforeAll(async () => {
    under = await start();
    it_ = await newShelf(under);
    for (const [key, book] of Object.entries(books)) await it_.put(key, book);
  });
  afterAll(() => under?.stop());

  const keys = async (options: FindOptions<Columns>): Promise<string> =>
    (await it_.client.find(options)).items.map(({ key }) => key).join('');

  it('gives the document of a key, or none', async () => {
    expect(await it_.client.get('a')).toEqual({ ...noBook, ...books.a });
    expect(await it_.client.get('nobody')).toBeUndefined();
  });

  it.each<[string, FindOptions<Columns>]>([
    ['abcdefg', {}],
    ['gfedcba', { orderBy: { key: 'desc' } }],
    ['a', { where: { title: 'Äsop' } }],
    ['be', { where: { title: { prefix: 'asop' } } }],
    ['', { where: { title: { prefix: 'aso%' } } }],
    ['bde', { where: { key: { in: ['e', 'd', 'b', 'x'] } } }],
    ['cdefg', { where: { key: { gt: 'b' } } }],
    ['ae', { where: { pages: 3 } }],
    ['bcdfg', { where: { pages: { ne: 3 } } }],
    ['bg', { where: { pages: { lt: 3 } } }],
    ['abeg', { where: { pages: { lte: 3 } } }],
    ['ae', { where: { pages: { gt: 0, lt: 10 } } }],
    ['df', { where: { pages: { isNull: true } } }],
    ['abceg', { where: { pages: { isNull: false } } }],
    ['', { where: { pages: { in: [] } } }],
    ['a', { where: { sold: 2 ** 40 } }],
    ['b', { where: { sold: { lte: -(2n ** 53n) + 1n } } }],
    ['ae', { where: { price: 1.5 } }],
    ['ae', { where: { price: { in: ['1.500', '7'] } } }],
    ['cf', { where: { price: { gt: '12345678901234567890' } } }],
    ['b', { where: { price: { lt: 0 } } }],
    ['ac', { where: { lent: true } }],
    ['a', { where: { printedAt: '2024-02-29T11:00:00Z' } }],
    ['a', { where: { printedAt: new Date('2024-02-29T11:00:00Z') } }],
    ['ac', { where: { printedAt: { gt: '1970-01-01T01:00:00+00:30' } } }],
    ['ab', { where: { dueOn: { lt: '2024-03-01' } } }],
    ['a', { where: { lent: true, pages: 3, title: { gte: 'Z' } } }],
    ['badceg'.slice(0, 0), { where: { lent: true, pages: -3 } }],
    ['bgaecdf', { orderBy: { pages: 'asc' } }],
    ['fdceagb', { orderBy: { pages: 'desc' } }],
    ['cbeagfd', { orderBy: { title: 'asc' } }],
    ['bgaefdc'.slice(0, 2), { orderBy: { pages: 'asc' }, limit: 2 }],
    ['baefcdg', { orderBy: { price: 'asc' } }],
    ['bcadefg', { orderBy: { lent: 'asc', dueOn: 'desc', key: 'asc' } }],
  ])('finds %s for %o', async (expected, options) => {
    expect(await keys(options)).toBe(expected);
    if (!options.limit && !options.orderBy)
      expect(await it_.client.count(options.where)).toBe(expected.length);
  });

  it('pages through any order, nulls included', async () => {
    for (const orderBy of [
      {},
      { pages: 'asc' },
      { pages: 'desc' },
      { printedAt: 'desc', title: 'asc' },
      { dueOn: 'asc', price: 'desc' },
      { lent: 'desc', sold: 'asc' },
    ] satisfies FindOptions<Columns>['orderBy'][]) {
      const whole = await keys({ orderBy });
      let paged = '';
      let after: string | undefined;
      do {
        const page = await it_.client.find({ orderBy, limit: 2, after });
        paged += page.items.map(({ key }) => key).join('');
        after = page.next;
      } while (after !== undefined);
      expect(paged, JSON.stringify(orderBy)).toBe(whole);
    }
  });

  it('goes on from its place when the row there is gone, and when rows come before it', async () => {
    const own = await newShelf(under);
    for (let i = 1; i <= 6; i++) await own.put(`k${i}`, { pages: i * 10 });
    const order = { orderBy: { pages: 'asc' }, limit: 2 } as const;
    const first = await own.client.find(order);
    await own.put('k2', null);
    await own.put('new before', { pages: 1 });
    await own.put('new after', { pages: 35 });
    const second = await own.client.find({ ...order, after: first.next });
    expect(second.items.map(({ key }) => key)).toEqual(['k3', 'new after']);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'column',
      { where: { colour: 1 } },
      /where: expected a column: one of key, title, .*, got "colour"/,
    ],
    [
      'column to sort by',
      { orderBy: { titel: 'asc' } },
      /orderBy: expected a column: .*\(did you mean title\?\), got "titel"/,
    ],
    ['column with a quote', { where: { 'title" = title OR "1': 1 } }, /where: expected a column/],
    ['property of all objects', { where: { constructor: 1 } }, /where: expected a column/],
    [
      'operator',
      { where: { pages: { above: 1 } } },
      /where\.pages: expected an operator: one of eq, .*got above/,
    ],
    [
      'operator of texts',
      { where: { pages: { prefix: '1' } } },
      /where\.pages: expected an operator/,
    ],
    [
      'direction',
      { orderBy: { pages: 'asc; DROP TABLE views' } },
      /orderBy\.pages: expected 'asc' or 'desc'/,
    ],
    [
      'value',
      { where: { pages: '3' } },
      /where\.pages\.eq: expected a whole number of 32 bits, got "3"/,
    ],
    ['fraction', { where: { pages: 1.5 } }, /expected a whole number of 32 bits, got 1.5/],
    ['null', { where: { pages: { eq: null } } }, /got null/],
    ['null for short', { where: { pages: null } }, /write \{ isNull: true \}\), got null/],
    ['day', { where: { dueOn: '2023-02-29' } }, /expected a day as YYYY-MM-DD, got "2023-02-29"/],
    ['instant', { where: { printedAt: 'now' } }, /expected a Date, or an ISO 8601 string/],
    ['zero byte', { where: { title: 'a\0b' } }, /where\.title\.eq: expected a string/],
    ['list', { where: { pages: { in: 3 } } }, /where\.pages\.in: expected a list of at most 1000/],
    ['limit', { limit: 1001 }, /limit: expected a whole number from 1 to 1000, got 1001/],
    ['option', { offset: 5 }, /offset: expected one of where, orderBy, limit, after, got offset/],
    ['where', { where: [] }, /where: expected an object, got \[\]/],
    ['cursor', { after: 'made up' }, /after: expected `next` of a page with the same orderBy/],
    [
      'cursor of another order',
      { orderBy: { pages: 'asc' }, after: cursor(['key text false', 'a']) },
      /after: expected/,
    ],
    [
      'cursor with a bad value',
      {
        orderBy: { pages: 'asc' },
        after: cursor(['pages integer false,key text false', "1' OR true", 'a']),
      },
      /after: expected/,
    ],
  ])('refuses a wrong %s and says what is right', async (_what, options, message) => {
    const asked = it_.client.find(options as FindOptions<Columns>);
    await expect(asked).rejects.toMatchObject({ code: 'InvalidQuery' });
    await expect(asked).rejects.toThrow(message);
  });

  it('takes any text for a value and for a key, as it is', async () => {
    const own = await newShelf(under);
    const hostile = [
      "'; DROP TABLE views; --",
      '$1',
      '\\',
      '%',
      '{"a":1}',
      '"',
      '\u2019 OR 1=1',
      '{NULL}',
      'NULL',
    ];
    for (const text of hostile) await own.put(text, { title: text });
    for (const text of hostile) {
      expect(await own.client.get(text)).toEqual({ ...noBook, title: text });
      expect(
        (await own.client.find({ where: { title: text } })).items.map(({ key }) => key),
      ).toEqual([text]);
      expect(
        (await own.client.find({ where: { title: { prefix: text } } })).items.length,
      ).toBeGreaterThan(0);
      expect((await own.client.find({ where: { title: { in: [text] } } })).items).toHaveLength(1);
    }
    expect(await own.client.count()).toBe(hostile.length);
  });

  it('does not take an object for a key', async () => {
    await expect(it_.client.get({ prefix: '' } as never)).rejects.toMatchObject({
      code: 'InvalidQuery',
    });
  });
});

function cursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
