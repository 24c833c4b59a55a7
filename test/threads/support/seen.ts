import type { Runtime } from 'troupe';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { TestDatabase } from './use-database.js';

export const feedsUrl = new URL('./feeds.js', import.meta.url);

export interface SeenRow {
  readonly name: string;
  readonly position: number;
  readonly id: string;
  readonly version: number;
}

/** The table into which the consumers of `feeds.js` write. */
export async function makeSeen(db: TestDatabase): Promise<void> {
  await db.admin.query(`CREATE SCHEMA IF NOT EXISTS ${db.schema}`);
  await db.admin.query(
    `CREATE TABLE ${db.schema}.seen (n serial, name text, position bigint, id text, version int)`,
  );
}

export async function seen(db: TestDatabase, name: string): Promise<SeenRow[]> {
  const { rows } = await db.admin.query(
    `SELECT name, position::int, id, version FROM ${db.schema}.seen WHERE name = $1 ORDER BY n`,
    [name],
  );
  return rows as SeenRow[];
}

/** Each event of the log once, in order. */
export async function expectEachOnce(db: TestDatabase, name: string): Promise<void> {
  const log = (await db.rows()).map((row) => row.position);
  await eventually(async () => expect(await seen(db, name)).toHaveLength(log.length));
  expect((await seen(db, name)).map((row) => row.position)).toEqual(log);
}

export async function infoOf(runtime: Runtime, name: string) {
  return (await runtime.subscriptions()).find((it) => it.name === name);
}
