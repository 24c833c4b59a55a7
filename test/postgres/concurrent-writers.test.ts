import type pg from 'pg';
import { expect, it } from 'vitest';
import type { PostgresStore } from '../../src/postgres/postgres-store.js';
import { batchOf, eventRow, eventRows } from '../contract/batches.js';
import { useLog } from './support/use-log.js';

const log = useLog();

const EVENTS = 8000;

it('reads every event once and in order while eight writers commit and roll back', {
  timeout: 60_000,
}, async () => {
  const unrelated = await log.stranger();
  await unrelated.query('BEGIN');
  await unrelated.query('SELECT pg_current_xact_id()');

  let drawn = 0;
  let done = false;
  const writing = Promise.all([
    ...Array.from({ length: 4 }, (_, i) => appendUntilDone(`append${i}`, log.open())),
    ...Array.from({ length: 4 }, async (_, i) =>
      insertUntilDone(`insert${i}`, await log.stranger()),
    ),
  ]).then(() => {
    done = true;
  });
  const reading = [7, 97, 1000].map((limit) => readUntilDone(log.open(), limit));
  await writing;

  const { rows } = await unrelated.query<{ position: string }>(
    `SELECT position FROM ${log.log.schema}.events ORDER BY position`,
  );
  const stored = rows.map((row) => Number(row.position));
  const last = stored.at(-1)!;
  expect(stored.length).toBeGreaterThan(EVENTS / 2);
  expect((last - stored.length) / last, 'share of dead positions').toBeGreaterThan(0.1);
  for (const read of await Promise.all(reading)) expect(read).toEqual(stored);

  /** Batches through the function; some fail on their assertion, after they drew positions. */
  async function appendUntilDone(aggregate: string, store: PostgresStore): Promise<void> {
    const writer = await store.registerWriter();
    for (let version = 1; drawn < EVENTS; ) {
      const rows = eventRows({ aggregate, id: 'a' }, version, version + upTo(5));
      const failing = [{ aggregate, id: 'unknown', version: 1 }];
      const assertions = Math.random() < 0.25 ? failing : [];
      drawn += rows.length;
      const { kind } = await store.append(writer, batchOf({ rows, assertions }));
      expect(kind).toBe(assertions.length > 0 ? 'conflict' : 'stored');
      if (kind === 'stored') version += rows.length;
    }
  }

  /** Transactions of somebody else, open for some time, several statements each. */
  async function insertUntilDone(aggregate: string, client: pg.Client): Promise<void> {
    for (let version = 1; drawn < EVENTS; ) {
      const count = 1 + upTo(3);
      drawn += count;
      await client.query('BEGIN');
      for (let i = 0; i < count; i++) {
        await log.insert(client, eventRow({ aggregate, id: 'a' }, version + i));
      }
      await client.query('SELECT pg_sleep($1)', [upTo(5) / 1000]);
      const commits = Math.random() < 0.7;
      await client.query(commits ? 'COMMIT' : 'ROLLBACK');
      if (commits) version += count;
    }
  }

  async function readUntilDone(store: PostgresStore, limit: number): Promise<number[]> {
    const positions: number[] = [];
    for (;;) {
      const last = done;
      const page = await store.readAll({ after: positions.at(-1) ?? 0, limit });
      if (last && page.length === 0) return positions;
      positions.push(...page.map((event) => event.position));
    }
  }
});

/** A whole number from 0 to `most` - 1. */
function upTo(most: number): number {
  return Math.floor(Math.random() * most);
}
