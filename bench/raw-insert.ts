import pg from 'pg';

/** One event as the bare insert stores it: the same columns as the log. */
export interface RawRow {
  readonly slice: number;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly commandId: string;
  readonly occurredAt: Date;
}

const CONNECTIONS = 2;
const BATCH_ROWS = 500;

const TABLE = `
CREATE TABLE raw.events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slice smallint NOT NULL,
  aggregate text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, type text COLLATE "C" NOT NULL,
  schema_version int NOT NULL DEFAULT 1, data json NOT NULL, metadata json NOT NULL, command_id text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(), UNIQUE (aggregate, id, version))`;

const INSERT = `
INSERT INTO raw.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::json[], $7::json[], $8::text[], $9::timestamptz[])`;

/**
 * The ceiling: the same rows by plain `pg`, 500 a batch, two connections, a table of the same shape
 * without triggers. Rows per second.
 */
export async function rawInsertPerSecond(url: string, rows: readonly RawRow[]): Promise<number> {
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    await clients[0]?.query('DROP SCHEMA IF EXISTS raw CASCADE; CREATE SCHEMA raw');
    await clients[0]?.query(TABLE);
    const parts = clients.map((_, k) => rows.filter((row) => row.slice % CONNECTIONS === k));
    const start = performance.now();
    await Promise.all(clients.map((client, k) => insertAll(client, parts[k] ?? [])));
    const seconds = (performance.now() - start) / 1000;
    await clients[0]?.query('DROP SCHEMA raw CASCADE');
    return rows.length / seconds;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function insertAll(client: pg.Client, rows: readonly RawRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += BATCH_ROWS) {
    const batch = rows.slice(i, i + BATCH_ROWS);
    await client.query({
      name: 'raw_insert',
      text: INSERT,
      values: [
        batch.map((row) => row.slice),
        batch.map((row) => row.aggregate),
        batch.map((row) => row.id),
        batch.map((row) => row.version),
        batch.map((row) => row.type),
        batch.map((row) => row.data),
        batch.map((row) => row.metadata),
        batch.map((row) => row.commandId),
        batch.map((row) => row.occurredAt),
      ],
    });
  }
}
