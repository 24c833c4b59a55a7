import type { InlineProjection } from '../projection/inline-projection.js';
import type { Projection, ReaderTypes } from '../projection/projection.js';
import { forProjection, runProjection } from '../projection/projection-consumer.js';
import type { Sql } from '../store/sql.js';
import { expectEqual } from './expectations.js';
import { feedOf, type GivenFor } from './feed.js';

/** A projection to which events were given, in a transaction of a test. */
export class GivenProjection {
  private readonly done: Promise<void>;

  constructor(
    private readonly projection: Projection | InlineProjection,
    private readonly tx: ReturnType<typeof forProjection>,
    events: readonly unknown[],
  ) {
    this.done = this.run(events);
    this.done.catch(() => undefined); // heard by whoever awaits a check
  }

  /** This query gives exactly these rows. `table` names a table as `tx.table` does. Await it. */
  async thenRows(
    query: (table: (name: string) => string) => string,
    expected: readonly object[],
  ): Promise<void> {
    await this.done;
    const rows = await this.tx.query(query((name) => this.tx.table(name)));
    const plain = rows.map((row) => ({ ...row }));
    expectEqual(`${this.projection.kind} ${this.projection.name}: the rows`, plain, expected);
  }

  private async run(events: readonly unknown[]): Promise<void> {
    await this.projection.setup(this.tx);
    await runProjection(this.projection, feedOf(this.projection.listening, events), this.tx);
  }
}

/**
 * Sets a projection or an inline projection up and hands it events, in one batch, in a transaction that you begin and roll back: `sql` runs
 * one statement in it and gives its rows. Its tables lie in `schema`, which must exist; default `public`.
 *
 * @example
 * const sql = { query: async (text, values) => (await client.query(text, values)).rows };
 * await givenProjection(openings, [{ type: 'opened', data: { owner: 'mia' } }], sql)
 *   .thenRows((table) => `SELECT number FROM ${table('days')}`, [{ number: 1 }]);
 */
export function givenProjection<Types extends ReaderTypes>(
  projection: Projection<Types> | InlineProjection<Types>,
  events: readonly GivenFor<NoInfer<Types>['given']>[],
  sql: Sql,
  schema = 'public',
): GivenProjection {
  // Its types live only in `types`, which is never set.
  const given = projection as unknown as Projection | InlineProjection;
  return new GivenProjection(given, forProjection(given, { schema }, sql), events);
}
