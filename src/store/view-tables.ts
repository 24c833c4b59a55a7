import type { Checkpoints } from './checkpoints.js';
import type { ColumnType } from './column-type.js';
import type { Sql } from './sql.js';
import type { TimerTable } from './timers.js';

/** A declared column. */
export interface ViewColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** What the table of one version of a view is made from. */
export interface ViewShape {
  readonly name: string;
  /** From 1; below 0 for a table that is built to take the place of that version's. */
  readonly version: number;
  /** Beside the key and the document. */
  readonly columns: readonly ViewColumn[];
  /** The events that it listens to, as a text to be compared. */
  readonly listens?: string;
  /** Names the code that builds it, so that what other code began is not gone on with. */
  readonly code?: string;
}

/** One document. Columns are texts in the order of the shape's; see `columnText`. */
export interface ViewRow {
  readonly key: string;
  /** JSON text. */
  readonly document: string;
  readonly columns: readonly (string | null)[];
}

/** What a batch changes; no key occurs twice. */
export interface ViewChanges {
  readonly saved: readonly ViewRow[];
  readonly deleted: readonly string[];
}

/** One condition on a column or on the key, with its values as texts of the column's type. */
export type ViewTest = ViewColumn &
  (
    | {
        readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'prefix';
        readonly value: string;
      }
    | { readonly operator: 'in'; readonly values: readonly string[] }
    | { readonly operator: 'isNull'; readonly value: boolean }
  );

/** One step of an order. Null counts as the highest value. */
export interface ViewOrder extends ViewColumn {
  readonly descending: boolean;
}

/** A page of a view, as it was checked: no name in it is the caller's. */
export interface ViewQuery {
  /** All of them hold. */
  readonly where: readonly ViewTest[];
  /** Ends with the key, so that it is total. */
  readonly order: readonly ViewOrder[];
  readonly limit: number;
  /** Values of the last row before the page, in the order of `order`. */
  readonly after: readonly (string | null)[] | undefined;
}

/** A row of a page. */
export interface FoundRow {
  readonly key: string;
  readonly document: string;
  /** Its values, in the order of `order`. */
  readonly place: readonly (string | null)[];
}

/** What a version of a view is now: serving, being filled beside the one that serves, or replaced. */
export type ViewState = 'active' | 'building' | 'retired';

/** A version of a view in the registry. */
export interface ViewVersion {
  readonly version: number;
  readonly state: ViewState;
  /** Events up to here are in the table of a version that is being built. */
  readonly position: number;
  /** As in the shape that it was made from. */
  readonly code?: string;
}

/**
 * The tables of views, one per version. Where `sql` is a transaction, everything happens in it; a store
 * without transactions changes all at once.
 */
export interface ViewTables {
  /**
   * Makes the table of a version unless it is there; safe with several processes. The first version of a
   * view is active at once, a later one is being built until `activate`. Throws `ViewChanged` if the
   * table that is there has other columns, or listens to other events.
   */
  prepare(sql: Sql, view: ViewShape): Promise<ViewVersion>;
  /** As `prepare`, for tables that `make` makes. Throws where the store runs no SQL. */
  register(
    sql: Sql,
    reader: Omit<ViewShape, 'columns'>,
    make: () => Promise<unknown>,
  ): Promise<ViewVersion>;
  /** Drops a version that does not serve, if it is there. */
  discard(sql: Sql, view: Pick<ViewShape, 'name' | 'version'>): Promise<void>;
  /** JSON texts of the documents that are there, by key. */
  load(sql: Sql, view: ViewShape, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  save(sql: Sql, view: ViewShape, changes: ViewChanges): Promise<void>;
  /** A page of the active version. */
  find(sql: Sql, view: ViewShape, query: ViewQuery): Promise<readonly FoundRow[]>;
  /** Documents of the active version that pass all tests. */
  count(sql: Sql, view: ViewShape, where: readonly ViewTest[]): Promise<number>;
  /** All versions of a view; in a transaction, locked against others until its end. */
  versions(
    sql: Sql,
    view: ViewShape,
    options?: { readonly lock: boolean },
  ): Promise<readonly ViewVersion[]>;
  /**
   * Notes how far a version that is being built has come; false, and nothing is changed, unless it stands
   * at `from`. Holds off others until the transaction ends.
   */
  saveProgress(
    sql: Sql,
    view: ViewShape,
    progress: { readonly from: number; readonly to: number },
  ): Promise<boolean>;
  /**
   * Lets a version serve, and retires the one that did. A version -n, which was built to replace version
   * n, becomes version n, and what that was is retired as version -n.
   */
  activate(sql: Sql, view: ViewShape): Promise<void>;
  /** Drops tables that were retired longer ago than this, and returns their versions. */
  dropRetired(sql: Sql, view: ViewShape, graceMs: number): Promise<readonly number[]>;
}

/** The tables of what is derived from the log, and the connections to work on them. */
export interface ViewAccess {
  readonly tables: ViewTables;
  readonly timers: TimerTable;
  /** Of the subscriptions that keep them up to date; absent where none do. */
  readonly checkpoints?: Checkpoints;
  /** Reads; each statement for itself. */
  readonly sql: Sql;
  /** Name of Troupe's schema, not quoted. */
  readonly schema: string;
  /** Runs `work` in a transaction, which ends as `work` does. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
