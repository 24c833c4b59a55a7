import type { PlainError } from '../messages/plain-error.js';
import type { Sql } from './sql.js';

/** Names a timer. */
export interface TimerName {
  /** Name in the log of the streams that arm it. */
  readonly source: string;
  readonly id: string;
  readonly key: string;
}

/** An armed timer. */
export interface StoredTimer extends TimerName {
  /** Version of the event that armed it. */
  readonly generation: number;
  /** Unix milliseconds. */
  readonly dueAt: number;
  /** Position of the event that armed it. */
  readonly position: number;
  /** JSON text of a `TimerPayload`. */
  readonly payload: string;
  /** Why its command failed, again and again: it is not sent any more. */
  readonly failure: PlainError | undefined;
}

/** What is sent when a timer is due. */
export interface TimerPayload {
  readonly type: string;
  readonly data: unknown;
  /** The conversation in which it was armed. */
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** Id of the event that armed it. */
  readonly causationId: string;
}

/** A timer that is not armed any more: it fired, or was cancelled by the event with this version. */
export interface EndedTimer extends TimerName {
  readonly generation: number;
}

/** What events did to timers: at most one change of each. */
export interface TimerChanges {
  readonly armed: readonly StoredTimer[];
  readonly ended: readonly EndedTimer[];
}

/** Asks for a page of timers, by due time, then source, id and key. */
export interface TimerQuery {
  readonly source?: string | undefined;
  readonly id?: string | undefined;
  /** Unix milliseconds. */
  readonly dueBefore?: number | undefined;
  /** The last timer of the page before. */
  readonly after?: (TimerName & Pick<StoredTimer, 'dueAt'>) | undefined;
  readonly limit: number;
}

/**
 * The armed timers, derived from the log: it may be behind. Methods reject with `StoreUnavailable` when
 * the database cannot be reached.
 */
export interface TimerTable {
  /** Brings the table up to date, in the transaction of a checkpoint. */
  save(tx: Sql, changes: TimerChanges): Promise<void>;
  /** The timers of a source that are due first, but for those that have failed; by due time and position. */
  upcoming(source: string, limit: number): Promise<readonly StoredTimer[]>;
  /** Notes that a timer is not sent any more; nothing happens if it is not armed any more. */
  fail(timer: StoredTimer, error: PlainError): Promise<void>;
  /** Has those that failed sent again. */
  retryFailed(source: string): Promise<void>;
  list(query: TimerQuery): Promise<readonly StoredTimer[]>;
}

/** One string for the name of a timer; none of its parts may contain a zero character. */
export function timerKey({ source, id, key }: TimerName): string {
  return `${source}\0${id}\0${key}`;
}
