import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { resolvePostgres } from '../../src/postgres/options.js';
import { nextSweep, sweepOutcomesStatement } from '../../src/postgres/statements/outcomes.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';

it('sweeps go round the table, and stay where there is more to delete', () => {
  const [part] = [32_768];
  expect(nextSweep(0, { deleted: 10, pages: 3 * part }, 10)).toBe(0);
  expect(nextSweep(0, { deleted: 9, pages: 3 * part }, 10)).toBe(part);
  expect(nextSweep(part, { deleted: 0, pages: 3 * part }, 10)).toBe(2 * part);
  expect(nextSweep(2 * part, { deleted: 0, pages: 3 * part }, 10)).toBe(0);
  expect(nextSweep(2 * part, { deleted: 0, pages: 0 }, 10)).toBe(0);
});

it('a sweep reads its part of the table and no more', async () => {
  const schema = freshSchema();
  await prepareDatabase(resolvePostgres({ kind: 'postgres', url: databaseUrl(), schema }));
  const db = new pg.Client(databaseUrl());
  await db.connect();
  onTestFinished(() => db.end());
  const { text, values = [] } = sweepOutcomesStatement(schema).config(10, 5);
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Tid Range Scan on outcomes/);
});
