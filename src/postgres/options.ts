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
  return {
    kind: 'postgres',
    url: options.url,
    schema,
    migrate: options.migrate ?? true,
    lockTimeoutMs: options.lockTimeoutMs ?? 1000,
  };
}

/** Supplies the password anew for each connection, for credentials that expire. */
export type Credentials = () => string | Promise<string>;
