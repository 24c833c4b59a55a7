import { prepareDatabase } from '../../../src/postgres/migrate.js';
import { type ResolvedPostgres, resolvePostgres } from '../../../src/postgres/options.js';
import { type PostgresContext, PostgresStore } from '../../../src/postgres/postgres-store.js';
import { freshSchema } from '../../support/postgres.js';

/** A log in a schema of its own. */
export interface PostgresLog {
  readonly options: ResolvedPostgres;
  /** Needs no quotes. */
  readonly schema: string;
  /** Opens a store; `url` where it is not to be reached directly. */
  open(context?: PostgresContext, url?: string): PostgresStore;
  stop(): Promise<void>;
}

/** Makes a log in a fresh schema of a server. */
export async function postgresLog(url: string): Promise<PostgresLog> {
  const options = resolvePostgres({ kind: 'postgres', url, schema: freshSchema() });
  await prepareDatabase(options);
  return {
    options,
    schema: options.schema,
    open: (context, through = url) => new PostgresStore({ ...options, url: through }, context),
    stop: async () => undefined,
  };
}
