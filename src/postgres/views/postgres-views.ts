import { SetupError } from '../../messages/errors.js';
import type { ViewAccess } from '../../store/view-tables.js';
import type { Credentials, ResolvedPostgres } from '../options.js';
import { PostgresCheckpoints } from '../postgres-checkpoints.js';
import { PostgresTimers } from '../postgres-timers.js';
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
    timers: new PostgresTimers(connections, options.schema),
    checkpoints: new PostgresCheckpoints(options.schema),
    sql: connections,
    schema: options.schema,
    transaction: (work) =>
      connections.transaction(work).catch((error: unknown) => {
        throw viewFailure(error, options);
      }),
    close: () => connections.close(),
  };
}

/** A role that may not make tables needs them made. */
function viewFailure(error: unknown, options: ResolvedPostgres): Error {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (code !== '42501') return startFailure(error, options);
  const { schema } = options;
  return new SetupError(
    'MissingRights',
    `The role of this process may not make or change the tables of views and projections in schema ${schema}: run the SQL that "troupe views --sql --schema ${schema} --domain FILE" prints for the domain module, as the owner of the schema, got: ${message}`,
    { schema },
    error,
  );
}
