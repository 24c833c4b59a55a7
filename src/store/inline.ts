import type { EventRow, StoredEvent } from '../messages/event.js';
import type { Sql } from './sql.js';
import type { StoredFilter } from './stored-filter.js';

/*
 * The states of a version of an inline projection, as its row in the database says:
 *
 *   filling --all of the log is in its tables, under a lock on the log--> active --a higher version is--> retired
 *      |                                                                    |
 *      +----------------------------somebody removes the projection---------+--> removed
 *
 * Only an active one is run by appends; an append that does not run exactly the active ones that its
 * events concern is refused by the database.
 */
export type InlineState = 'filling' | 'active' | 'retired' | 'removed';

/** The transaction of an append, or of filling. */
export interface InlineTransaction extends Sql {
  /** Name of Troupe's schema, not quoted. */
  readonly schema: string;
}

/** Names one version of an inline projection. */
export interface InlineVersion {
  readonly name: string;
  readonly version: number;
}

/** An inline projection, as those who append and who fill it know it. */
export interface InlineReader extends InlineVersion {
  readonly filter: StoredFilter;
  /** Does it listen to this event? By names as they stand in the log. */
  wants(event: Pick<EventRow, 'aggregate' | 'type'>): boolean;
  /** Makes its tables. */
  setup(tx: InlineTransaction): Promise<void>;
  /** Takes stored events that it wants, in order of position. */
  handle(events: readonly StoredEvent[], tx: InlineTransaction): Promise<void>;
}

/** A version of an inline projection, as its row says. */
export interface StoredInline extends InlineVersion {
  readonly state: InlineState;
  /** While it is filling: up to where it has. */
  readonly position: number;
}

/** One step of filling: how many events it took, and where it has come to. */
export interface FillStep {
  readonly events: number;
  readonly position: number;
}

/** Which inline projections a log has. Methods reject as those of `Store` do. */
export interface InlineRegistry {
  list(): Promise<readonly StoredInline[]>;
  /**
   * Notes it as `filling` and makes its tables, unless its version is there. Rejects with
   * `InlineProjectionChanged` if it is, and listens to other events. The row of a higher version is
   * returned in place of its own where there is one.
   */
  register(reader: InlineReader): Promise<StoredInline>;
  /** Hands it a page of events up to `upTo`, below which all must be settled; `undefined` if it is not filling. */
  fill(reader: InlineReader, upTo: number): Promise<FillStep | undefined>;
  /**
   * Hands it the rest while nobody can append, and makes it active in place of lower versions. False if
   * that must be tried again: somebody holds the log, or the rest is too long.
   */
  activate(reader: InlineReader): Promise<boolean>;
  /** Ends all versions of a name and drops their tables. False if there is none. */
  remove(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** One string for a version: `name@version`. */
export function inlineKey({ name, version }: InlineVersion): string {
  return `${name}@${version}`;
}
