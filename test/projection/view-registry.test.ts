import { defineView } from 'troupe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { View } from '../../src/projection/view.js';
import { ViewClient } from '../../src/projection/view-client.js';
import { purse } from './support/ledger.js';
import { newShelf } from './support/new-shelf.js';
import {
  kindsOfTables,
  postgresTables,
  type TablesUnderTest,
} from './support/tables-under-test.js';

function view(
  name: string,
  version: number,
  columns: Readonly<Record<string, 'text' | 'integer'>>,
) {
  const options = {
    ...{ name, version, on: [purse] as const, key: () => 'all' },
    initial: { owner: '', cents: 0 } as Record<string, string | number>,
    evolve: (doc: Record<string, string | number>) => doc,
  };
  return defineView({ ...options, columns: columns as never }) as unknown as View;
}

describe.each(kindsOfTables)('versions of views %s', (_, start) => {
  let under: TablesUnderTest;
  beforeAll(async () => {
    under = await start();
  });
  afterAll(() => under?.stop());
  const prepare = (one: View) => under.transaction((tx) => under.tables.prepare(tx, one));

  it('serves the first version at once, and a later one when it is built', async () => {
    const first = await prepare(view('steps', 3, { owner: 'text' }));
    expect(first).toEqual({ version: 3, state: 'active', position: 0 });
    expect(await prepare(view('steps', 3, { owner: 'text' }))).toEqual(first);
    const later = await prepare(view('steps', 4, { owner: 'text' }));
    expect(later).toEqual({ version: 4, state: 'building', position: 0 });
  });

  it.each([
    ['another type', { owner: 'integer' }],
    ['one column more', { owner: 'text', cents: 'integer' }],
    ['one column less', {}],
  ] as const)('refuses %s in the same version, and tells the remedy', async (change, columns) => {
    const name = change.replaceAll(' ', '-');
    await prepare(view(name, 1, { owner: 'text' }));
    await expect(prepare(view(name, 1, columns))).rejects.toMatchObject({
      code: 'ViewChanged',
      message: expect.stringMatching(/owner text.*raise its version to 2/),
    });
    expect((await prepare(view(name, 2, columns))).state).toBe('building');
  });

  it('refuses other events in the same version', async () => {
    const one = view('listening', 1, {});
    await prepare(one);
    const other = { ...one, listens: '{"aggregates":["purse"],"types":{"purse":["put"]}}' };
    await expect(prepare(other)).rejects.toMatchObject({
      code: 'ViewChanged',
      message: expect.stringMatching(/listening to.*put.*raise its version to 2/),
    });
  });

  it('does not make a version again that was replaced and dropped', async () => {
    const [old, raised] = [view('dropped', 1, {}), view('dropped', 2, {})];
    await prepare(old);
    await prepare(raised);
    await under.transaction((tx) => under.tables.activate(tx, raised));
    expect((await prepare(old)).state).toBe('retired');
    await under.transaction((tx) => under.tables.dropRetired(tx, old, 0));
    expect((await prepare(old)).state).toBe('retired');
    const versions = await under.tables.versions(under.sql, old);
    expect(versions.map(({ version }) => version)).toEqual([2]);
  });

  it('takes the same columns in another order', async () => {
    await prepare(view('ordered', 1, { owner: 'text', cents: 'integer' }));
    const again = await prepare(view('ordered', 1, { cents: 'integer', owner: 'text' }));
    expect(again.state).toBe('active');
  });
});

describe('tables of views in Postgres', () => {
  let under: Awaited<ReturnType<typeof postgresTables>>;
  beforeAll(async () => {
    under = await postgresTables();
  });
  afterAll(() => under?.stop());
  const prepare = (one: View) => under.transaction((tx) => under.tables.prepare(tx, one));

  it('are made once, although several processes start at the same time', async () => {
    const one = view('raced', 1, { owner: 'text' });
    const made = await Promise.all(Array.from({ length: 6 }, () => prepare(one)));
    expect(made).toEqual(Array(6).fill({ version: 1, state: 'active', position: 0 }));
  });

  it('say what is missing where nothing was made yet, and where the old version cannot answer', async () => {
    const never = new ViewClient(view('never-made', 1, {}), under);
    await expect(never.find()).rejects.toMatchObject({ code: 'ViewNotReady' });
    await prepare(view('grown', 1, { owner: 'text' }));
    const grown = view('grown', 2, { owner: 'text', cents: 'integer' });
    await prepare(grown);
    const client = new ViewClient<{
      columns: { cents: 'integer'; owner: 'text' };
      document: object;
      event: object;
      given: object;
    }>(grown, under);
    expect(await client.count({ owner: 'mia' })).toBe(0);
    await expect(client.count({ cents: 5 })).rejects.toMatchObject({
      code: 'ViewNotReady',
      message: expect.stringContaining('version 1 serves until version 2 is built'),
    });
  });

  it('have an index for each column, which pages in its order use', async () => {
    const { sql, schema } = under;
    await prepare(view('indexed', 1, { owner: 'text', cents: 'integer' }));
    const indexes = await sql.query<{ columns: string }>(
      `SELECT substring(indexdef FROM '[(].*[)]') AS columns FROM pg_indexes WHERE schemaname = $1 AND tablename = 'view_indexed_v1' ORDER BY 1`,
      [schema],
    );
    expect(indexes.map(({ columns }) => columns)).toEqual([
      '(cents, key)',
      '(key)',
      '(owner, key)',
    ]);
  });

  it('give each document that stays where it is once to a reader of pages, whatever is written meanwhile', async () => {
    const shelf = await newShelf(under);
    for (let i = 0; i < 60; i++) await shelf.put(`stays ${i}`, { pages: i % 7 });
    let reading = true;
    const writers = [0, 1].map(async (writer) => {
      for (let i = 0; reading; i = (i + 1) % 30) {
        await shelf.put(`moves ${writer} ${i}`, { pages: Math.floor(Math.random() * 7) });
        if (i % 3 === 0) await shelf.put(`moves ${writer} ${i}`, null);
      }
    });
    for (let round = 0; round < 5; round++) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await shelf.client.find({ orderBy: { pages: 'asc' }, limit: 7, after });
        seen.push(...page.items.map(({ key }) => key).filter((key) => key.startsWith('stays')));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toHaveLength(60);
      expect(new Set(seen).size).toBe(60);
    }
    reading = false;
    await Promise.all(writers);
  });
});
