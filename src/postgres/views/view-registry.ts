import { SetupError } from '../../messages/errors.js';
import type { Sql } from '../../store/sql.js';
import type { ViewShape, ViewState, ViewVersion } from '../../store/view-tables.js';
import { quoted, VIEW_LOCK } from '../names.js';
import { viewTableSql } from './view-ddl.js';
import { projectionPrefix, tableName } from './view-names.js';

interface VersionRow {
  readonly version: number;
  readonly state: ViewState;
  readonly position: string;
  readonly columns: string;
  readonly listens: string | null;
  readonly code: string | null;
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
    const known = await this.known(sql, view);
    if (known) return known;
    await this.lock(sql);
    // Looked up again: whoever held the lock before may have made it.
    return (await this.known(sql, view)) ?? (await this.made(sql, view, make));
  }

  async versions(sql: Sql, name: string, lock: boolean): Promise<readonly ViewVersion[]> {
    if (lock) await this.lock(sql);
    return (await this.rows(sql, name)).map(toVersion);
  }

  /** The version that serves, if there is one. */
  async serving(sql: Sql, name: string): Promise<number | undefined> {
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

  /** The tables -n and n change their names. Who asks the view meanwhile waits for the end of this. */
  private async replace(sql: Sql, next: ViewShape): Promise<void> {
    const { name, version } = next;
    const old = { name, version: -version };
    const before = await this.tablesOf(sql, old);
    const after = await this.tablesOf(sql, next);
    await this.rename(sql, before, (table) => `${table}_x`);
    await this.rename(sql, after, (table) => renamed(table, next, old));
    await this.rename(
      sql,
      before.map((table) => `${table}_x`),
      (_, i) => renamed(before[i] as string, old, next),
    );
    await sql.query(
      `UPDATE ${this.schema}.views SET state = 'retired', changed_at = now() WHERE name = $1 AND version = $2`,
      [name, version],
    );
  }

  private async rename(
    sql: Sql,
    tables: readonly string[],
    to: (table: string, index: number) => string,
  ): Promise<void> {
    for (const [i, table] of tables.entries())
      await sql.query(
        `ALTER TABLE ${this.schema}.${quoted(table)} RENAME TO ${quoted(to(table, i))}`,
      );
  }

  /** Drops a version that does not serve, if it is there. */
  async discard(sql: Sql, of: Pick<ViewShape, 'name' | 'version'>): Promise<void> {
    await this.lock(sql);
    const rows = await sql.query(
      `DELETE FROM ${this.schema}.views WHERE name = $1 AND version = $2 AND state <> 'active' RETURNING version`,
      [of.name, of.version],
    );
    if (rows.length > 0) await this.dropTables(sql, of);
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

  private async dropTables(sql: Sql, of: Pick<ViewShape, 'name' | 'version'>): Promise<void> {
    for (const table of await this.tablesOf(sql, of))
      await sql.query(`DROP TABLE ${this.schema}.${quoted(table)}`);
  }

  /** The table of a view, or those that a projection has named by `tx.table`. */
  private async tablesOf(
    sql: Sql,
    of: Pick<ViewShape, 'name' | 'version'>,
  ): Promise<readonly string[]> {
    const found = await sql.query<{ name: string }>(
      `SELECT relname::text AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = $2
         AND (relname = $3 OR starts_with(relname, $4)) ORDER BY relname`,
      [this.schema, 'r', tableName(of), projectionPrefix(of)],
    );
    return found.map(({ name }) => name);
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
      `INSERT INTO ${this.schema}.views (name, version, columns, listens, code, state) VALUES ($1, $2, $3, $4, $5, $6)`,
      [view.name, view.version, columnsOf(view), view.listens ?? null, view.code ?? null, state],
    );
    return { version: view.version, state, position: 0 };
  }

  /** The version as it stands in the registry. Throws `ViewChanged` if it is made of other columns. */
  private async known(sql: Sql, view: ViewShape): Promise<ViewVersion | undefined> {
    const rows = await this.rows(sql, view.name);
    const row = rows.find((one) => one.version === view.version);
    if (!row) return replacedBy(rows, view.version);
    const declared = columnsOf(view);
    if (row.columns !== declared)
      throw changed(view, row.columns, declared, 'the table of it has the columns');
    const { listens } = view;
    if (row.listens !== null && listens !== undefined && row.listens !== listens)
      throw changed(view, row.listens, listens, 'it was made listening to');
    return toVersion(row);
  }

  private rows(sql: Sql, name: string): Promise<readonly VersionRow[]> {
    return sql.query<VersionRow>(
      `SELECT version, state, position::text AS position, columns, listens, code FROM ${this.schema}.views WHERE name = $1 ORDER BY version`,
      [name],
    );
  }

  private async lock(sql: Sql): Promise<void> {
    await sql.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [this.lockClass, VIEW_LOCK]);
  }
}

/** A version below the one that serves was replaced: its tables are gone, and are not made again. */
function replacedBy(rows: readonly VersionRow[], version: number): ViewVersion | undefined {
  const isOld = rows.some((row) => row.state === 'active' && row.version > version);
  return isOld && version > 0 ? { version, state: 'retired', position: 0 } : undefined;
}

/** Columns and their types, in no order of their own. */
export function columnsOf({ columns }: ViewShape): string {
  return columns
    .map(({ name, type }) => `${name} ${type}`)
    .sort()
    .join(', ');
}

function toVersion({ version, state, position, code }: VersionRow): ViewVersion {
  return { version, state, position: Number(position), ...(code !== null && { code }) };
}

function changed(
  { name, version }: ViewShape,
  expected: string,
  given: string,
  what: string,
): SetupError {
  const remedy = `raise its version to ${version + 1}, and it is built anew while version ${version} serves`;
  return new SetupError(
    'ViewChanged',
    `View ${name}, version ${version}: ${what} (${expected}), the definition has (${given}): ${remedy}`,
    { name, version, expected, given },
  );
}

/** A table of one version under the name that it has as another. */
function renamed(
  table: string,
  from: Pick<ViewShape, 'name' | 'version'>,
  to: Pick<ViewShape, 'name' | 'version'>,
): string {
  if (table === tableName(from)) return tableName(to);
  return projectionPrefix(to) + table.slice(projectionPrefix(from).length);
}
