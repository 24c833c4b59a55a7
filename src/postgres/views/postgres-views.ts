import type { ViewAccess } from '../../store/view-tables.js';
import type { Credentials, ResolvedPostgres } from '../options.js';
import { PostgresCheckpoints } from '../postgres-checkpoints.js';
import { SqlConnections } from '../sql-connections.js';
import { startFailure } from '../start-failure.js';
import { PostgresViewTables } from './postgres-view-tables.js';

/** Opens the tables of views in a schema; connects when it is used. */
export function openPostgresViews(
  options: ResolvedPostgres,
  credentials?: Credentials,
): ViewAccess {
  const connections = new SqlConnections(options, credentials);
  return {
    tables: new PostgresViewTables(options.schema),
    checkpoints: new PostgresCheckpoints(options.schema),
    sql: connections,
    schema: options.schema,
    transaction: (work) =>
      connections.transaction(work).catch((error: unknown) => {
        throw startFailure(error, options);
      }),
    close: () => connections.close(),
  };
}
