import type { Aggregate, AggregateTypes } from '../aggregate/define-aggregate.js';
import type { ViewAccess } from '../store/view-tables.js';
import { type Operate, operateOn, type RebuildOptions } from './operate.js';
import type { Projection } from './projection.js';
import { forProjection } from './projection-consumer.js';

const UNDEFINED_TABLE = '42P01';

/** Reads one projection and has it rebuilt. */
export class ProjectionClient {
  constructor(
    private readonly projection: Projection,
    private readonly access: Pick<ViewAccess, 'tables' | 'sql' | 'schema'>,
    private readonly operate: Operate | undefined,
  ) {}

  /**
   * Runs one statement on the tables of the version that serves. `table` names a table as `tx.table` does.
   *
   * @example
   * const days = await runtime.projection(openings).query<{ day: string; number: number }>(
   *   (table) => `SELECT day::text, number FROM ${table('days')} WHERE number > $1`, [3]);
   */
  async query<Row extends object>(
    text: (table: (name: string) => string) => string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const { sql } = this.access;
    const run = async () => sql.query<Row>(text(await this.serving()), values);
    return run().catch((error: unknown) => {
      // It was swapped between both statements.
      if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return run();
      throw error;
    });
  }

  /**
   * Builds its tables anew beside those that serve, and swaps both in one transaction at exactly the
   * position that the old ones have reached. As `rebuild` of a view in all else. What other objects of the
   * database refer to, such as a SQL view, stays the old table.
   */
  async rebuild(options: RebuildOptions = {}): Promise<void> {
    await operateOn(this.projection.name, this.operate, { kind: 'rebuild' }, options);
  }

  /**
   * Takes the events of one stream anew: `clear` of the definition, then its handler, in one transaction.
   * Throws `NotSupported` where the definition has no `clear`.
   */
  async rebuildStream<Types extends AggregateTypes>(
    definition: Aggregate<Types>,
    id: string,
  ): Promise<void> {
    const stream = { aggregate: definition.storedAs, id };
    await operateOn(this.projection.name, this.operate, { kind: 'rebuildStream', stream }, {});
  }

  private async serving(): Promise<(name: string) => string> {
    const { access, projection } = this;
    const { kind, name, version } = projection;
    const versions = await access.tables.versions(access.sql, { name, version, columns: [] });
    const serving = versions.find(({ state }) => state === 'active')?.version ?? version;
    return (table) =>
      forProjection({ kind, name, version: serving }, access, access.sql).table(table);
  }
}
