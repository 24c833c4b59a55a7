import { SetupError } from '../../messages/errors.js';
import type { Sql } from '../../store/sql.js';
import type { ViewShape, ViewState, ViewVersion } from '../../store/view-tables.js';
import { quoted, VIEW_LOCK } from '../names.js';
import { registrySql, viewTableSql } from './view-ddl.js';
import { projectionPrefix, tableName, tableOf } from './view-names.js';

interface VersionRow {
  readonly version: number;
  readonly state: ViewState;
  readonly position: string;
  readonly columns: string;
}

/** Which versions of which views there are, what they are made of, and which one serves. */
export class ViewRegistry {
  private readonly schema: string;

  constructor(
    schema: string,
    private readonly lockClass: number,
  ) {
    this.schema = quoted(schema);
  }

  /** See `ViewTables.prepare`. Changes nothing, and locks nothing, where the version is there already. */
  async prepare(
    sql: Sql,
    view: ViewShape,
    make: () => Promise<unknown> = () => this.makeTable(sql, view),
  ): Promise<ViewVersion> {
    const known = (await this.isThere(sql)) ? await this.known(sql, view) : undefined;
    if (known) return known;
    await this.lock(sql);
    await sql.query(registrySql(this.schema));
    // Looked up again: whoever held the lock before may have made it.
    return (await this.known(sql, view)) ?? (await this.made(sql, view, make));
  }

  async versions(sql: Sql, name: string, lock: boolean): Promise<readonly ViewVersion[]> {
    if (lock) await this.lock(sql);
    return (await this.rows(sql, name)).map(toVersion);
  }

  /** The version that serves, if there is one. */
  async serving(sql: Sql, name: string): Promise<number | undefined> {
    if (!(await this.isThere(sql))) return undefined;
    return (await this.rows(sql, name)).find((row) => row.state === 'active')?.version;
  }

  async saveProgress(
    sql: Sql,
    { name, version }: ViewShape,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE ${this.schema}.views SET position = $3 WHERE name = $1 AND version = $2 AND position = $4 RETURNING version`,
      [name, version, to, from],
    );
    return rows.length > 0;
  }

  async activate(sql: Sql, view: ViewShape): Promise<void> {
    const { name, version } = view;
    await this.lock(sql);
    if (version < 0) return this.replace(sql, view);
    await sql.query(
      `UPDATE ${this.schema}.views SET state = CASE WHEN version = $2 THEN 'active' ELSE 'retired' END,
         changed_at = CASE WHEN state = 'retired' THEN changed_at ELSE now() END
       WHERE name = $1 AND (version = $2 OR state <> 'building')`,
      [name, version],
    );
  }

  /** The table -n becomes that of version n. Who asks the view meanwhile waits for the end of this. */
  private async replace(sql: Sql, next: ViewShape): Promise<void> {
    const { name, version } = next;
    const old = { ...next, version: -version };
    await sql.query(`DROP TABLE ${tableOf(this.schema, old)}`);
    await sql.query(
      `ALTER TABLE ${tableOf(this.schema, next)} RENAME TO ${quoted(tableName(old))}`,
    );
    for (const suffix of ['pkey', ...next.columns.map((_, i) => `i${i + 1}`)]) {
      const [from, to] = [next, old].map((view) => quoted(`${tableName(view)}_${suffix}`));
      await sql.query(`ALTER INDEX ${this.schema}.${from} RENAME TO ${to}`);
    }
    await sql.query(`DELETE FROM ${this.schema}.views WHERE name = $1 AND version = $2`, [
      name,
      version,
    ]);
  }

  async dropRetired(sql: Sql, name: string, graceMs: number): Promise<readonly number[]> {
    await this.lock(sql);
    const rows = await sql.query<{ version: number }>(
      `DELETE FROM ${this.schema}.views WHERE name = $1 AND state = 'retired'
         AND changed_at <= now() - $2::float8 * interval '1 millisecond' RETURNING version`,
      [name, graceMs],
    );
    for (const { version } of rows) await this.dropTables(sql, { name, version });
    return rows.map(({ version }) => version);
  }

  /** The table of a view, or those that a projection has named by `tx.table`. */
  private async dropTables(sql: Sql, of: Pick<ViewShape, 'name' | 'version'>): Promise<void> {
    await sql.query(`DROP TABLE IF EXISTS ${tableOf(this.schema, of)}`);
    const found = await sql.query<{ name: string }>(
      'SELECT relname::text AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = $2 AND starts_with(relname, $3)',
      [this.schema, 'r', projectionPrefix(of)],
    );
    for (const { name } of found) await sql.query(`DROP TABLE ${this.schema}.${quoted(name)}`);
  }

  private async makeTable(sql: Sql, view: ViewShape): Promise<void> {
    for (const statement of viewTableSql(this.schema, view)) await sql.query(statement);
  }

  private async made(
    sql: Sql,
    view: ViewShape,
    make: () => Promise<unknown>,
  ): Promise<ViewVersion> {
    await make();
    const others = await this.rows(sql, view.name);
    const state = others.some((row) => row.state === 'active') ? 'building' : 'active';
    await sql.query(
      `INSERT INTO ${this.schema}.views (name, version, columns, state) VALUES ($1, $2, $3, $4)`,
      [view.name, view.version, columnsOf(view), state],
    );
    return { version: view.version, state, position: 0 };
  }

  /** The version as it stands in the registry. Throws `ViewChanged` if it is made of other columns. */
  private async known(sql: Sql, view: ViewShape): Promise<ViewVersion | undefined> {
    const row = (await this.rows(sql, view.name)).find((one) => one.version === view.version);
    if (!row) return undefined;
    const declared = columnsOf(view);
    if (row.columns === declared) return toVersion(row);
    const { name, version } = view;
    throw new SetupError(
      'ViewChanged',
      `View ${name}: the table of version ${version} has the columns (${row.columns}), the definition has (${declared}): raise its version to ${version + 1}, and it is built anew while version ${version} serves`,
      { name, version, expected: row.columns, given: declared },
    );
  }

  private rows(sql: Sql, name: string): Promise<readonly VersionRow[]> {
    return sql.query<VersionRow>(
      `SELECT version, state, position::text AS position, columns FROM ${this.schema}.views WHERE name = $1 ORDER BY version`,
      [name],
    );
  }

  private async isThere(sql: Sql): Promise<boolean> {
    const [row] = await sql.query<{ views: string | null }>(
      'SELECT to_regclass($1)::text AS views',
      [`${this.schema}.views`],
    );
    return row?.views !== null && row !== undefined;
  }

  private async lock(sql: Sql): Promise<void> {
    await sql.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [this.lockClass, VIEW_LOCK]);
  }
}

/** Columns and their types, in no order of their own. */
function columnsOf({ columns }: ViewShape): string {
  return columns
    .map(({ name, type }) => `${name} ${type}`)
    .sort()
    .join(', ');
}

function toVersion({ version, state, position }: VersionRow): ViewVersion {
  return { version, state, position: Number(position) };
}
