import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { PostgresContext, PostgresStore } from '../../../src/postgres/postgres-store.js';
import type { AppendBatch, AppendResult } from '../../../src/store/append.js';
import type { EventRow, Writer } from '../../../src/store/store.js';
import { batchOf } from '../../contract/batches.js';
import { positionsOf } from '../../contract/store-contract.js';
import { eventually } from '../../support/eventually.js';
import { databaseUrl } from '../../support/postgres.js';
import { type PostgresLog, postgresLog } from './postgres-log.js';

/** A log that the tests of a file share. Each test has a writer of its own and should have its own ids. */
export interface LogFixture {
  readonly log: PostgresLog;
  readonly store: PostgresStore;
  readonly writer: Writer;
  /** Opens another store, closed after the test. */
  open(context?: PostgresContext, url?: string): PostgresStore;
  /** A connection of somebody else, closed after the test. */
  stranger(url?: string): Promise<pg.Client>;
  append(batch: Partial<AppendBatch>): Promise<AppendResult>;
  /** Appends rows, expects that they were stored, and returns their positions. */
  stored(rows: readonly EventRow[]): Promise<readonly number[]>;
  /** Inserts an event as somebody who does not use the append function; returns its position. */
  insert(client: pg.Client, row: EventRow): Promise<number>;
}

export function useLog(url: () => string = databaseUrl): LogFixture {
  const fixture = {} as { -readonly [K in keyof LogFixture]: LogFixture[K] };
  let closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    fixture.log = await postgresLog(url());
    fixture.store = fixture.log.open();
  });
  beforeEach(async () => {
    fixture.writer = await fixture.store.registerWriter();
  });
  afterEach(async () => {
    await Promise.all(closing.map((close) => close()));
    closing = [];
  });
  afterAll(async () => {
    await fixture.store?.close();
    await fixture.log?.stop();
  });

  fixture.open = (context, through) => {
    const store = fixture.log.open(context, through);
    closing.push(() => store.close());
    return store;
  };
  fixture.stranger = async (at = url()) => {
    const client = new pg.Client({ connectionString: at, application_name: 'stranger' });
    client.on('error', () => undefined);
    await client.connect();
    closing.push(() => client.end());
    return client;
  };
  fixture.append = (batch) => fixture.store.append(fixture.writer, batchOf(batch));
  fixture.stored = async (rows) => positionsOf(await fixture.append({ rows }));
  fixture.insert = (client, row) => insertEvent(client, fixture.log.schema, row);
  return fixture;
}

const COLUMNS =
  'slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at';

async function insertEvent(client: pg.Client, schema: string, row: EventRow): Promise<number> {
  const values = [row.slice, row.aggregate, row.id, row.version, row.type, row.schemaVersion];
  const { rows } = await client.query<{ position: string }>(
    `INSERT INTO ${schema}.events (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING position`,
    [...values, row.data, row.metadata, row.commandId, new Date(row.occurredAt)],
  );
  return Number(rows[0]!.position);
}

/** Resolves when so many backends of an application wait for this kind of lock in this database. */
export async function untilWaiting(observer: pg.Client, waiting: Waiting): Promise<void> {
  const { application, lock, count = 1 } = waiting;
  await eventually(async () => {
    const { rows } = await observer.query(
      `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE NOT granted AND application_name = $1 AND locktype = $2 AND query LIKE '%' || $3 || '%'`,
      [application, lock, waiting.query],
    );
    if (rows.length < count) throw new Error(`not yet: ${JSON.stringify(waiting)}`);
  });
}

interface Waiting {
  readonly application: string;
  /** `transactionid` for a row of an open transaction, or `advisory`. */
  readonly lock: string;
  /** A part of its statement that tells it from those of other tests: the schema. */
  readonly query: string;
  readonly count?: number;
}
