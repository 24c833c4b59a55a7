import type { Readers } from '../../../src/client/wait-for.js';
import { FoldedReaders } from '../../../src/dispatcher/folded-readers.js';
import { SqlConnections } from '../../../src/postgres/sql-connections.js';
import { PostgresViewTables } from '../../../src/postgres/views/postgres-view-tables.js';
import { MemoryViewTables } from '../../../src/store/memory-view-tables.js';
import type { Sql } from '../../../src/store/sql.js';
import type { ViewTables } from '../../../src/store/view-tables.js';
import { postgresLog } from '../../postgres/support/postgres-log.js';
import { databaseUrl } from '../../support/postgres.js';

/** Tables of views, and how to work on them. */
export interface TablesUnderTest {
  readonly tables: ViewTables;
  readonly sql: Sql;
  /** Nothing runs here: there is nothing to wait for. */
  readonly readers: Readers;
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const readers = new FoldedReaders({ readers: new Map() });
const noSql: Sql = { query: () => Promise.reject(new Error('there is no SQL in memory')) };

/** Both kinds of tables: what holds for one holds for the other. */
export const kindsOfTables: readonly [name: string, start: () => Promise<TablesUnderTest>][] = [
  [
    'in memory',
    async () => ({
      tables: new MemoryViewTables(),
      sql: noSql,
      readers,
      transaction: (work) => work(noSql),
      stop: async () => undefined,
    }),
  ],
  ['in Postgres', postgresTables],
];

/** Tables in a schema of their own. */
export async function postgresTables(): Promise<TablesUnderTest & { readonly schema: string }> {
  const { options, schema } = await postgresLog(databaseUrl());
  const connections = new SqlConnections(options);
  return {
    schema,
    tables: new PostgresViewTables(schema),
    sql: connections,
    readers,
    transaction: (work) => connections.transaction(work),
    stop: () => connections.close(),
  };
}
