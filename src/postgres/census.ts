import type pg from 'pg';
import { SetupError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { clientClass, clientConfig, run } from './connection.js';
import { quoted } from './names.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import {
  type CountedGroup,
  countGroupsStatement,
  type GroupPage,
  readGroupsStatement,
  readPositionsStatement,
} from './statements/census.js';

export type { CountedGroup, EventGroup, GroupPage } from './statements/census.js';

/**
 * Reads a log to learn what it holds, on one connection that cannot write. A replica serves as well. What
 * is appended while it reads may or may not be seen.
 */
export class Census {
  private readonly sql;

  private constructor(
    private readonly client: pg.Client,
    schema: string,
  ) {
    this.sql = {
      countGroups: countGroupsStatement(schema),
      readGroups: readGroupsStatement(schema),
      readPositions: readPositionsStatement(schema),
    };
  }

  /** Connects. Throws `NoLog` if the schema holds no log. */
  static async open(options: ResolvedPostgres, credentials?: Credentials): Promise<Census> {
    const Client = clientClass(credentials);
    const client = new Client(clientConfig(options, 'admin'));
    client.on('error', () => undefined); // the query under way rejects as well
    const schema = quoted(options.schema);
    try {
      await client.connect();
      await client.query('SET default_transaction_read_only = on');
      const { rows } = await client.query<{ log: string | null }>(
        'SELECT to_regclass($1)::text AS log',
        [`${schema}.events`],
      );
      if (!rows[0]?.log)
        throw new SetupError('NoLog', `Schema ${options.schema} holds no troupe log`, {
          schema: options.schema,
        });
      return new Census(client, schema);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Every type and schema version in the log. */
  groups(): Promise<readonly CountedGroup[]> {
    return run(this.client, this.sql.countGroups);
  }

  /** A page of the events of some groups, by position. */
  page(page: GroupPage): Promise<readonly StoredEvent[]> {
    return run(this.client, this.sql.readGroups, page);
  }

  /** The events at these positions. */
  at(positions: readonly number[]): Promise<readonly StoredEvent[]> {
    return run(this.client, this.sql.readPositions, positions);
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
