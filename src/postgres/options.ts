import { SetupError } from '../messages/errors.js';
import { schemaProblem } from './names.js';

/** How to reach the log in Postgres. Plain data: it travels to each thread. */
export interface PostgresOptions {
  readonly kind: 'postgres';
  /** Connection string, e.g. `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Schema that holds Troupe's tables; made if missing. Default `troupe`. */
  readonly schema?: string;
  /** Apply missing migrations at start. Default true; false checks and names what is missing. */
  readonly migrate?: boolean;
  /** How long an append waits for a row or advisory lock that a stranger holds. Default 1 000 ms. */
  readonly lockTimeoutMs?: number;
  /**
   * Prepared statements with names, which are faster. Default true. Give false where `url` leads to a pooler
   * in transaction mode (pgbouncer, for one): nothing is then kept in a session between two transactions.
   */
  readonly namedStatements?: boolean;
  /**
   * Connection string that leads to the server itself where `url` leads to a pooler: for migrations and
   * wake-ups, since LISTEN needs a session. Default: `url`.
   */
  readonly directUrl?: string;
  /**
   * Whether processes on one log wake each other by LISTEN and NOTIFY, on one connection each; without it
   * they hear of each other's commits at the poll interval (500 ms). Default true; false where
   * `namedStatements` is false and there is no `directUrl`.
   */
  readonly wakeUps?: boolean;
}

/** `PostgresOptions` with the defaults filled in. */
export type ResolvedPostgres = Required<PostgresOptions>;

export const DEFAULT_SCHEMA = 'troupe';

/** Fills in the defaults. Throws `InvalidOption`. */
export function resolvePostgres(options: PostgresOptions): ResolvedPostgres {
  const { schema = DEFAULT_SCHEMA } = options;
  const problem = schemaProblem(schema);
  if (problem)
    throw new SetupError('InvalidOption', `store.schema: ${problem}`, {
      option: 'store.schema',
      given: schema,
    });
  const { url, namedStatements = true, directUrl = url } = options;
  return {
    kind: 'postgres',
    url,
    schema,
    migrate: options.migrate ?? true,
    lockTimeoutMs: options.lockTimeoutMs ?? 1000,
    namedStatements,
    directUrl,
    wakeUps: options.wakeUps ?? (namedStatements || options.directUrl !== undefined),
  };
}

/** Supplies the password anew for each connection, for credentials that expire. */
export type Credentials = () => string | Promise<string>;
