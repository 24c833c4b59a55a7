import pg from 'pg';
import { SetupError } from '../messages/errors.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import type { Statement } from './statements/statement.js';

/** What a connection is for; shown to the operator as `application_name`. */
export type Role = 'commit' | 'recovery' | 'projection' | 'lease' | 'admin' | 'wake-up';

/** Longest wait for an answer: far longer than any lock or statement of ours should take. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * A process that is stopped between two statements must not hold its locks for ever; those of a fence keep
 * the next owner of the log waiting.
 */
const IDLE_IN_TRANSACTION_MS = 2000;
/** Migrations may take their time. */
const IDLE_ADMIN_MS = 10_000;
/** Roles that need a session, or are better off with one: they go past a pooler. */
const DIRECT: readonly Role[] = ['admin', 'lease', 'wake-up'];

/** Where a connection leads, and whether what is set in its session stays there. */
function targetOf(options: ResolvedPostgres, role: Role): { url: string; isPooled: boolean } {
  const { url, directUrl, namedStatements } = options;
  if (DIRECT.includes(role) && directUrl !== url) return { url: directUrl, isPooled: false };
  return { url, isPooled: !namedStatements };
}

/** Settings of one connection. */
export function clientConfig(options: ResolvedPostgres, role: Role): pg.ClientConfig {
  const { url, isPooled } = targetOf(options, role);
  return {
    connectionString: url,
    application_name: `troupe ${role}`,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A server that lost its power, or a firewall that forgot us, sends nothing: without this a commit
    // would wait until TCP gives up, a quarter of an hour. Migrations may take their time.
    ...(role !== 'admin' && { query_timeout: ANSWER_TIMEOUT_MS }),
    // A pooler refuses to set it at the start of a session; transactions set it for themselves then.
    ...(!isPooled && {
      idle_in_transaction_session_timeout:
        role === 'admin' ? IDLE_ADMIN_MS : IDLE_IN_TRANSACTION_MS,
    }),
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
export async function prepareSession(
  client: pg.ClientBase,
  { namedStatements }: ResolvedPostgres,
): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; read_only: string; usual: string }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS read_only,
       current_setting('default_transaction_isolation') AS usual${namedStatements ? SET_ISOLATION : ''}`,
  );
  if (rows[0]?.standby) throw new StoreUnavailable('The server is a standby, not the primary');
  if (rows[0]?.read_only === 'on')
    throw new SetupError('ReadOnlyDatabase', 'The database is read-only: troupe needs to write');
  // What one transaction sets in a pooled session, another one may get, or not.
  if (!namedStatements && rows[0]?.usual !== 'read committed') throw wrongIsolation(rows[0]?.usual);
}

const SET_ISOLATION = `, set_config('default_transaction_isolation', 'read committed', false)`;

/** Begins a transaction of several statements: it ends by itself if its process stands still. */
export function beginSql({ namedStatements }: ResolvedPostgres): string {
  const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';
  return namedStatements
    ? begin
    : `${begin}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`;
}

/** Sessions of a pooler whose transactions see the past while they wait for locks. */
export function wrongIsolation(given = 'another one'): SetupError {
  const message = `Transactions of this role are ${given}, and with namedStatements: false no session can be told otherwise: expected read committed. Run: ALTER ROLE <role> SET default_transaction_isolation = 'read committed'; and let the pooler reconnect`;
  return new SetupError('UnfitDatabase', message, {
    what: 'default_transaction_isolation',
    expected: 'read committed',
    given,
  });
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

  constructor(
    private readonly newClient: () => pg.Client,
    private readonly prepare: (client: pg.Client) => Promise<void>,
  ) {}

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
      await this.prepare(client);
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
