import type { StoredEvent } from '../messages/event.js';
import type { Sql } from './sql.js';
import type { PageRequest } from './store.js';

/** What the log can be indexed by, beside its streams and positions. */
export type IndexName = 'commands' | 'correlations';

/** Which indexes a runtime keeps. Each costs a row per event, written behind the commit and not in it. */
export interface IndexOptions {
  /** Events by command id, for `runtime.command`. Default false. */
  readonly commands?: boolean;
  /** Events by correlation id, for `runtime.correlation`. Default false. */
  readonly correlations?: boolean;
}

/** All indexes, in the order in which they are run. */
export const INDEXES: readonly IndexName[] = ['commands', 'correlations'];

/** That an id is to be found at a position. */
export interface IndexEntry {
  readonly id: string;
  readonly position: number;
}

/** Writes indexes. */
export interface IndexTables {
  /** Adds entries; those that are there already stay. */
  add(tx: Sql, index: IndexName, entries: readonly IndexEntry[]): Promise<void>;
}

/** Reads indexes. */
export interface IndexReader {
  /** A page of the events under an id, by position, as far as the index has come. */
  indexed(index: IndexName, id: string, page: PageRequest): Promise<readonly StoredEvent[]>;
}

/** The name under which the subscription that fills an index is kept. */
export function indexSubscription(index: IndexName): string {
  return `$${index}`;
}
