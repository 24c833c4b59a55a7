import { TroupeError } from '../../messages/errors.js';
import type { Sql } from '../../store/sql.js';
import type {
  FoundRow,
  ViewChanges,
  ViewQuery,
  ViewShape,
  ViewTables,
  ViewTest,
  ViewVersion,
} from '../../store/view-tables.js';
import { lockClass, quoted } from '../names.js';
import { ViewRegistry } from './view-registry.js';
import { deleteSql, loadSql, type SqlCall, upsertSql } from './view-rows.js';
import { countSql, findSql } from './view-select.js';

/** Times that a query is asked again because another version serves by now; a swap is rare. */
const MAX_SWAPS = 5;

interface SelectedRow extends Readonly<Record<`p${number}`, string | null>> {
  readonly serving: number | null;
  readonly key: string | null;
  readonly document: string;
}

/** The tables of views in Postgres, one per version; which one serves stands in the table `views`. */
export class PostgresViewTables implements ViewTables {
  private readonly schema: string;
  private readonly registry: ViewRegistry;
  /** The version that served when it was last asked, by view. */
  private readonly served = new Map<string, number>();

  /** `schema` is the name of Troupe's schema, not quoted. */
  constructor(schema: string) {
    this.schema = quoted(schema);
    this.registry = new ViewRegistry(schema, lockClass(schema));
  }

  prepare(sql: Sql, view: ViewShape): Promise<ViewVersion> {
    return this.registry.prepare(sql, view);
  }

  register(
    sql: Sql,
    reader: Omit<ViewShape, 'columns'>,
    make: () => Promise<unknown>,
  ): Promise<ViewVersion> {
    return this.registry.prepare(sql, { ...reader, columns: [] }, make);
  }

  discard(sql: Sql, view: Pick<ViewShape, 'name' | 'version'>): Promise<void> {
    return this.registry.discard(sql, view);
  }

  async load(
    sql: Sql,
    view: ViewShape,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const rows = await call<{ key: string; document: string }>(
      sql,
      loadSql(this.schema, view, keys),
    );
    return new Map(rows.map(({ key, document }) => [key, document]));
  }

  async save(sql: Sql, view: ViewShape, { saved, deleted }: ViewChanges): Promise<void> {
    if (saved.length > 0) await call(sql, upsertSql(this.schema, view, saved));
    if (deleted.length > 0) await call(sql, deleteSql(this.schema, view, deleted));
  }

  async find(sql: Sql, view: ViewShape, query: ViewQuery): Promise<readonly FoundRow[]> {
    const rows = await this.onServing<SelectedRow>(sql, view, (serving) =>
      findSql(this.schema, serving, query),
    );
    return rows.flatMap((row) => {
      if (row.key === null) return [];
      const place = query.order.map((_, i) => row[`p${i}`] ?? null);
      return [{ key: row.key, document: row.document, place }];
    });
  }

  async count(sql: Sql, view: ViewShape, where: readonly ViewTest[]): Promise<number> {
    const [row] = await this.onServing<{ serving: number | null; count: string }>(
      sql,
      view,
      (serving) => countSql(this.schema, serving, where),
    );
    return Number(row?.count);
  }

  versions(
    sql: Sql,
    view: ViewShape,
    { lock }: { readonly lock: boolean } = { lock: false },
  ): Promise<readonly ViewVersion[]> {
    return this.registry.versions(sql, view.name, lock);
  }

  saveProgress(
    sql: Sql,
    view: ViewShape,
    progress: { readonly from: number; readonly to: number },
  ): Promise<boolean> {
    return this.registry.saveProgress(sql, view, progress);
  }

  activate(sql: Sql, view: ViewShape): Promise<void> {
    return this.registry.activate(sql, view);
  }

  dropRetired(sql: Sql, view: ViewShape, graceMs: number): Promise<readonly number[]> {
    return this.registry.dropRetired(sql, view.name, graceMs);
  }

  /** Asks the version that served last, and again if its answer says that it serves no more. */
  private async onServing<Row extends { readonly serving: number | null }>(
    sql: Sql,
    view: ViewShape,
    sqlFor: (serving: ViewShape) => SqlCall,
  ): Promise<readonly Row[]> {
    let version = this.served.get(view.name) ?? view.version;
    for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
      const rows = await this.rowsOf<Row>(sql, { ...view, version }, { view, sqlFor });
      const serving = rows ? rows[0]?.serving : await this.registry.serving(sql, view.name);
      if (serving === undefined || serving === null)
        throw notReady(
          view,
          'no version of it was made yet: start a runtime that has it in its domain',
        );
      this.served.set(view.name, serving);
      if (rows && serving === version) return rows;
      version = serving;
    }
    throw notReady(view, `its versions were swapped ${MAX_SWAPS} times while it was asked`);
  }

  /** `undefined` if there is no such table. */
  private async rowsOf<Row extends object>(
    sql: Sql,
    serving: ViewShape,
    { view, sqlFor }: { view: ViewShape; sqlFor: (serving: ViewShape) => SqlCall },
  ): Promise<readonly Row[] | undefined> {
    try {
      return await call<Row>(sql, sqlFor(serving));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === UNDEFINED_TABLE) return undefined;
      if (serving.version === view.version || !code || !OTHER_COLUMNS.includes(code)) throw error;
      throw notReady(
        view,
        `version ${serving.version} serves until version ${view.version} is built, and has not the columns that were asked for`,
        error,
      );
    }
  }
}

const UNDEFINED_TABLE = '42P01';
/** Undefined column, undefined operator, types that do not fit. */
const OTHER_COLUMNS = ['42703', '42883', '42804'];

function call<Row extends object>(sql: Sql, { text, values }: SqlCall): Promise<readonly Row[]> {
  return sql.query<Row>(text, values);
}

function notReady(view: ViewShape, why: string, cause?: unknown): TroupeError {
  const { name, version } = view;
  return new TroupeError(
    'ViewNotReady',
    `View ${name} cannot answer: ${why}`,
    { name, version },
    cause,
  );
}
