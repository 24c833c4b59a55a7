import type { Readers } from '../client/wait-for.js';
import type { Operation } from '../dispatcher/subscription.js';
import type { Sql } from '../store/sql.js';
import type { ViewTables } from '../store/view-tables.js';
import { cursorOf } from './cursor.js';
import { type Operate, operateOn, type RebuildOptions } from './operate.js';
import type { View, ViewTypes } from './view.js';
import { type FindOptions, toTests, toViewQuery, type Where } from './view-query.js';

/** A document and its key. */
export interface Found<Document> {
  readonly key: string;
  readonly document: Document;
}

/** Documents in the order asked for. */
export interface Page<Document> {
  readonly items: readonly Found<Document>[];
  /** Give it as `after` for the next page; undefined where there was nothing more. */
  readonly next: string | undefined;
}

/** What a client reads from. */
export interface ViewSource {
  readonly tables: ViewTables;
  readonly sql: Sql;
  readonly readers: Readers;
  /** Runs before each query. */
  refresh?(view: View): Promise<void>;
  /** Has it rebuilt, by its name; absent where nothing keeps it. */
  operate?: Operate | undefined;
}

/**
 * Reads one view. Each call is one statement on the version that serves at that moment, which while a new
 * version is being built is the old one, with documents as it made them. Rejects with `InvalidQuery` for
 * a column, an operator or a value that does not fit, with `ViewNotReady` where the version that serves
 * cannot answer, with `StoreUnavailable` where the database cannot be reached.
 */
export class ViewClient<Types extends ViewTypes> {
  constructor(
    private readonly view: View,
    private readonly source: ViewSource,
  ) {}

  /** The document of a key, if there is one. */
  async get(key: string): Promise<Types['document'] | undefined> {
    const { items } = await this.find({ where: { key: { eq: key } }, limit: 1 } as FindOptions<
      Types['columns']
    >);
    return items[0]?.document;
  }

  /**
   * A page of documents. Going on with `after: next` gives each document once that keeps its place in
   * the order, whatever is written in between.
   *
   * @example
   * const { items, next } = await runtime.view(balances).find({
   *   where: { cents: { gte: 100_00 } },
   *   orderBy: { cents: 'desc' },
   *   limit: 20,
   * });
   */
  async find(options: FindOptions<Types['columns']> = {}): Promise<Page<Types['document']>> {
    const query = toViewQuery(this.view, options as FindOptions<unknown>);
    const { tables, sql } = await this.current();
    // One more than asked for tells whether there is a next page.
    const rows = await tables.find(sql, this.view, { ...query, limit: query.limit + 1 });
    const page = rows.slice(0, query.limit);
    const last = rows.length > page.length ? page.at(-1) : undefined;
    return {
      items: page.map(({ key, document }) => ({ key, document: JSON.parse(document) as unknown })),
      next: last && cursorOf(query.order, last.place),
    };
  }

  /** Number of documents that pass all conditions. */
  async count(where: Where<Types['columns']> = {}): Promise<number> {
    const tests = toTests(this.view, where);
    const { tables, sql } = await this.current();
    return tables.count(sql, this.view, tests);
  }

  /**
   * Resolves when the view holds everything up to a position, such as that of a receipt; whichever process
   * keeps it. Rejects with `WaitTimedOut`, with `Parked` if the event there failed for it or waits behind
   * one that did, or with `Stopping`: in all cases the event *is* stored. A view in memory always does.
   */
  waitFor(position: number, options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return this.source.readers.waitFor(this.view.name, position, options);
  }

  /**
   * Builds the view anew beside what serves, from the first event on, and swaps both in one transaction at
   * exactly the position that the old table has reached: for what was folded by code that was wrong. It
   * goes on if the processor's thread ends meanwhile; after the process ended, call it again, and it goes
   * on where it was, unless the code has changed. A checkpoint that the log does not hold, as after a
   * restore, is set to where the log ends. Rejects with the error of an event that the view cannot take;
   * the old table then serves as before.
   */
  async rebuild(options: RebuildOptions = {}): Promise<void> {
    await this.operate({ kind: 'rebuild' }, options);
  }

  /**
   * Folds one document anew, in one transaction, while the view stands still. It reads all events that the
   * view listens to, since any of them may concern any key.
   */
  async rebuildKey(key: string): Promise<void> {
    await this.operate({ kind: 'rebuildKeys', keys: [key] }, {});
  }

  private async operate(operation: Operation, options: RebuildOptions): Promise<void> {
    await operateOn(this.view.name, this.source.operate, operation, options);
  }

  private async current(): Promise<ViewSource> {
    await this.source.refresh?.(this.view);
    return this.source;
  }
}
