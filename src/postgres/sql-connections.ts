import pg from 'pg';
import type { Sql } from '../store/sql.js';
import { beginSql, clientClass, clientConfig, prepareSession } from './connection.js';
import { OpenClients } from './open-clients.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { readFailure } from './translate-error.js';

/** Connections on which a process asks its views. */
const POOL_SIZE = 4;

/** Connections for reading views and for making their tables. Queries are sent as they are given. */
export class SqlConnections implements Sql {
  private readonly pool: pg.Pool;
  private readonly clients = new OpenClients();

  constructor(
    private readonly options: ResolvedPostgres,
    credentials?: Credentials,
  ) {
    this.pool = new pg.Pool({
      ...clientConfig(options, 'recovery'),
      application_name: 'troupe views',
      Client: this.clients.noted(clientClass(credentials)),
      max: POOL_SIZE,
      idleTimeoutMillis: 60_000,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg-pool waits for it, which its types do not say
      onConnect: (client) => prepareSession(client, options),
    });
    this.pool.on('error', () => undefined); // an idle connection was lost: the next query makes another
  }

  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return onClient<Row>(this.pool, text, values);
  }

  /** Runs `work` in a transaction, which ends as `work` does. */
  async transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw readFailure(error);
    });
    try {
      await client.query(beginSql(this.options));
      const result = await work({ query: (text, values) => onClient(client, text, values) });
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client.release(true); // closing the connection rolls back
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.clients.ended()]);
  }
}

async function onClient<Row extends object>(
  client: Pick<pg.ClientBase, 'query'> | pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } catch (error) {
    throw readFailure(error);
  }
}
