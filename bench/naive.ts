import pg from 'pg';
import type { Metadata } from 'troupe';
import type { Depositor } from './load.js';

/*
 * What a careful team writes by hand: load the stream, fold it, decide, insert the next version, and begin
 * again if somebody was faster. Same table, same durability, same commands and metadata.
 */

const CONNECTIONS = 10; // what pg's pool has by default, per process

/** SQL of the table that the naive version writes to. */
export function naiveTable(schema: string): string {
  return `CREATE SCHEMA ${schema};
CREATE TABLE ${schema}.events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  aggregate text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, type text COLLATE "C" NOT NULL,
  data json NOT NULL, metadata json NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(), UNIQUE (aggregate, id, version))`;
}

interface Row {
  readonly version: string;
  readonly data: { readonly amount: number };
}

/** Load, decide, append, until it is stored. */
export class NaiveDepositor implements Depositor {
  private readonly pool: pg.Pool;
  private readonly load: string;
  private readonly insert: string;

  constructor(url: string, schema: string) {
    this.pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
    this.load = `SELECT version, data FROM ${schema}.events WHERE aggregate = $1 AND id = $2 ORDER BY version`;
    this.insert = `INSERT INTO ${schema}.events (aggregate, id, version, type, data, metadata) VALUES ($1, $2, $3, $4, $5, $6)`;
  }

  async send(
    id: string,
    { data }: { data: { amount: number; reference: string } },
    { metadata }: { metadata?: Metadata },
  ): Promise<void> {
    for (let stored = false; !stored; ) {
      // One connection for load and insert: queueing between them would make each state an old one.
      const client = await this.pool.connect();
      try {
        stored = await this.attempt(client, [id, data, metadata]);
      } finally {
        client.release();
      }
    }
  }

  /** False if another one took the version. */
  private async attempt(
    client: pg.PoolClient,
    [id, data, metadata = {}]: [string, object, Metadata | undefined],
  ): Promise<boolean> {
    const stream = ['account', id];
    const { rows } = await client.query<Row>({
      ...{ name: 'naive_load', text: this.load, values: stream },
    });
    const state = { balance: 0, deposits: 0 };
    for (const row of rows) {
      state.balance += row.data.amount;
      state.deposits += 1;
    }
    if (state.balance > Number.MAX_SAFE_INTEGER / 2) return true;
    const version = Number(rows.at(-1)?.version ?? 0) + 1;
    const values = [
      ...stream,
      version,
      'deposited',
      JSON.stringify(data),
      JSON.stringify(metadata),
    ];
    try {
      await client.query({ name: 'naive_insert', text: this.insert, values });
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === '23505') return false;
      throw error;
    }
  }
}
