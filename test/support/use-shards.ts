import pg from 'pg';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { type ResolvedPostgres, resolvePostgres } from '../../src/postgres/options.js';
import { PostgresStore } from '../../src/postgres/postgres-store.js';
import type { EventRow } from '../../src/store/store.js';
import { eventRow } from '../contract/batches.js';
import { account } from './account.js';
import { databaseUrl, freshSchema } from './postgres.js';
import { ShardUnderTest, type ShardUnderTestOptions } from './shard-under-test.js';

/** An event as anybody sees it in the database. */
export interface LoggedEvent {
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  readonly commandId: string;
}

/** A schema that the tests of a file share; each test takes ids of its own. */
export interface ShardsFixture {
  readonly schema: string;
  readonly options: ResolvedPostgres;
  /** A connection of somebody else. */
  readonly db: pg.Client;
  /** An id that no other test uses. */
  id(): string;
  /** Starts a shard on a faulty store; stopped after the test. */
  start(options?: ShardUnderTestOptions): Promise<ShardUnderTest>;
  /** The events of a stream as the outsider reads them. */
  log(id: string, aggregate?: string): Promise<LoggedEvent[]>;
  /** Adds an event to a stream as a script would that knows nothing of any runtime. */
  insert(id: string, version: number, given?: Partial<EventRow>): Promise<void>;
  /** Opens one more connection of somebody else; closed after the test. */
  stranger(): Promise<pg.Client>;
  /** Opens one more store; closed after the test. */
  open(): PostgresStore;
}

let ids = 0;

export function useShards(domain: object = { account }): ShardsFixture {
  const schema = freshSchema();
  const fixture = { schema } as { -readonly [K in keyof ShardsFixture]: ShardsFixture[K] };
  let closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    fixture.options = resolvePostgres({ kind: 'postgres', url: databaseUrl(), schema });
    await prepareDatabase(fixture.options);
    fixture.db = await connect();
  });
  afterEach(async () => {
    const all = closing.reverse();
    closing = [];
    for (const close of all) await close();
  });
  afterAll(() => fixture.db?.end());

  fixture.id = () => `id-${++ids}`;
  fixture.start = async (options = {}) => {
    const shard = await ShardUnderTest.start(options.store ?? fixture.open(), {
      domain,
      ...options,
    });
    closing.push(() => shard.stop());
    return shard;
  };
  fixture.stranger = async () => {
    const client = await connect();
    closing.push(() => client.end());
    return client;
  };
  fixture.open = () => {
    const store = new PostgresStore(fixture.options);
    closing.push(() => store.close());
    return store;
  };
  fixture.log = (id, aggregate = 'account') => readLog(fixture.db, schema, { aggregate, id });
  fixture.insert = (id, version, given = {}) => {
    const row = eventRow({ aggregate: given.aggregate ?? 'account', id }, version, {
      type: 'deposited',
      data: '{"cents":1}',
      ...given,
    });
    return insertEvent(fixture.db, schema, row);
  };
  return fixture;
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl(), application_name: 'outsider' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function readLog(
  db: pg.Client,
  schema: string,
  { aggregate, id }: { aggregate: string; id: string },
): Promise<LoggedEvent[]> {
  const { rows } = await db.query<{ version: string; type: string; data: string; c: string }>(
    `SELECT version, type, data::text, command_id AS c FROM ${schema}.events
     WHERE aggregate = $1 AND id = $2 ORDER BY version`,
    [aggregate, id],
  );
  return rows.map(({ version, type, data, c }) => ({
    version: Number(version),
    type,
    data: JSON.parse(data) as unknown,
    commandId: c,
  }));
}

/** Inserts an event as somebody who does not use the append function. */
export async function insertEvent(db: pg.ClientBase, schema: string, row: EventRow): Promise<void> {
  const names = [row.slice, row.aggregate, row.id, row.version, row.type, row.schemaVersion];
  await db.query(
    `INSERT INTO ${schema}.events
       (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [...names, row.data, row.metadata, row.commandId, new Date(row.occurredAt)],
  );
}
