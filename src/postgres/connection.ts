import pg from 'pg';
import { SetupError } from '../messages/errors.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import type { Statement } from './statements/statement.js';

/** What a connection is for; shown to the operator as `application_name`. */
export type Role = 'commit' | 'recovery' | 'admin' | 'wake-up';

/** Longest wait for an answer: far longer than any lock or statement of ours should take. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Settings of one connection. */
export function clientConfig(options: ResolvedPostgres, role: Role): pg.ClientConfig {
  return {
    connectionString: options.url,
    application_name: `troupe ${role}`,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A server that lost its power, or a firewall that forgot us, sends nothing: without this a commit
    // would wait until TCP gives up, a quarter of an hour. Migrations may take their time.
    ...(role !== 'admin' && { query_timeout: ANSWER_TIMEOUT_MS }),
    // A process that is stopped between two statements must not hold its locks for ever.
    idle_in_transaction_session_timeout: 10_000,
  };
}

/**
 * A pg client that asks `credentials` for its password. Not by way of its settings: there pg lets the
 * password in the connection string win, even if it has none.
 */
export function clientClass(credentials: Credentials | undefined): typeof pg.Client {
  if (!credentials) return pg.Client;
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      Object.assign(this, { password: credentials });
    }
  };
}

/**
 * Refuses a server that is not the primary: a replica answers with the past. And makes the session READ
 * COMMITTED, whatever the default of role or database: an append reads its epoch after it waited for a
 * lock, and with a snapshot from before the wait it would not see that it was fenced.
 */
export async function prepareSession(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; read_only: string }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS read_only,
       set_config('default_transaction_isolation', 'read committed', false)`,
  );
  if (rows[0]?.standby) throw new StoreUnavailable('The server is a standby, not the primary');
  if (rows[0]?.read_only === 'on')
    throw new SetupError('ReadOnlyDatabase', 'The database is read-only: troupe needs to write');
}

/** Runs a statement on any connection. */
export async function run<Arguments extends readonly unknown[], Result>(
  client: Pick<pg.ClientBase, 'query'>,
  statement: Statement<Arguments, Result>,
  ...args: Arguments
): Promise<Result> {
  const { rows } = await client.query<(string | null)[]>(statement.config(...args));
  return statement.read(rows);
}

/**
 * The connection that commits go through: one, never shared, made again when it is lost. It does not
 * retry: whoever appends decides what a loss means.
 */
export class CommitConnection {
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private closed = false;

  constructor(private readonly newClient: () => pg.Client) {}

  /** The open connection; rejects if it cannot be made, and then nothing was sent. */
  ready(): Promise<pg.Client> | pg.Client {
    if (this.client) return this.client;
    if (this.closed) return Promise.reject(new StoreUnavailable('The store was closed'));
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  /** Drops the connection: what it still has under way may yet commit. */
  discard(): void {
    const client = this.client;
    this.client = undefined;
    if (client) void client.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<pg.Client> {
    const client = this.newClient();
    // Without a listener a lost idle connection would end the process.
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    try {
      await client.connect();
      await prepareSession(client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    return client;
  }

  private forget(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
  }
}
