import { type Claimant, type Lease, type Leases, OwnedByAnother } from '../store/ownership.js';
import { CommitConnection, clientClass, clientConfig, prepareSession, run } from './connection.js';
import { lockClass, quoted } from './names.js';
import { OpenClients } from './open-clients.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { statements } from './statements/index.js';
import type { Statement } from './statements/statement.js';
import { readFailure } from './translate-error.js';

/** Leases in Postgres, on a connection of their own: a renewal waits for no other work. */
export class PostgresLeases implements Leases {
  private readonly connection: CommitConnection;
  private readonly clients = new OpenClients();
  private readonly sql: ReturnType<typeof statements>;

  constructor(
    options: ResolvedPostgres,
    private readonly leaseMs: number,
    credentials?: Credentials,
  ) {
    this.sql = statements(quoted(options.schema), lockClass(options.schema));
    const Client = this.clients.noted(clientClass(credentials));
    // A server that does not answer must leave time for another connection before the lease ends.
    const timeouts = { connectionTimeoutMillis: leaseMs / 2, query_timeout: leaseMs / 2 };
    this.connection = new CommitConnection(
      () => new Client({ ...clientConfig(options, 'lease'), ...timeouts }),
      (client) => prepareSession(client, options),
    );
  }

  async claim(claimant: Claimant): Promise<Lease> {
    const times = { leaseMs: this.leaseMs, lockTimeoutMs: Math.floor(this.leaseMs / 4) };
    const { lease, owner } = await this.run(this.sql.claim, claimant, times);
    if (!lease) throw new OwnedByAnother(owner);
    return lease;
  }

  async renew(leaseId: string): Promise<void> {
    const { kept, owner } = await this.run(this.sql.renew, leaseId, this.leaseMs);
    if (!kept) throw new OwnedByAnother(owner);
  }

  release(leaseId: string): Promise<void> {
    return this.run(this.sql.release, leaseId);
  }

  async close(): Promise<void> {
    await Promise.all([this.connection.close(), this.clients.ended()]);
  }

  private async run<Arguments extends readonly unknown[], Result>(
    statement: Statement<Arguments, Result>,
    ...args: Arguments
  ): Promise<Result> {
    try {
      return await run(await this.connection.ready(), statement, ...args);
    } catch (error) {
      const failure = readFailure(error);
      // It may hang: the next call shall have another one.
      if (failure.name === 'StoreUnavailable') this.connection.discard();
      throw failure;
    }
  }
}
