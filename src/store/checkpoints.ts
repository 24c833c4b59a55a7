import type { Sql } from './sql.js';
import type { StreamName } from './store.js';
import type { Batch, Checkpoint, Registration, StoredFilter } from './subscriptions.js';

/** The checkpoint of a subscription, as it is locked. */
export interface LockedCheckpoint extends Checkpoint {
  /** The log holds it. */
  readonly isAnchored: boolean;
}

/** Asks for what a subscription has handled: all of `after < position <= upTo`, which must be settled. */
export interface HandledPage {
  readonly name: string;
  readonly filter: StoredFilter;
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  /** Of this stream alone. Default: of all. */
  readonly stream?: StreamName;
}

/**
 * Checkpoints of subscriptions and what was handled up to them, for who builds what they have written
 * anew. Where `sql` is a transaction, everything happens in it.
 */
export interface Checkpoints {
  /** Position of a checkpoint; 0 where there is no such subscription. */
  position(sql: Sql, name: string): Promise<number>;
  /** Position of the last event at or below a position; 0 where there is none. */
  lastAt(sql: Sql, position: number): Promise<number>;
  /** Locks a subscription until the transaction ends; `undefined` where there is none. */
  lock(sql: Sql, name: string): Promise<LockedCheckpoint | undefined>;
  /** Sets a checkpoint that the log does not hold to the last event at or below a position; it may go on. */
  reset(sql: Sql, name: string, position: number): Promise<number>;
  /** What was written was changed beside the batches: who holds the subscription reads it again. */
  touched(sql: Sql, name: string): Promise<void>;
  /**
   * Whether an operator has had parked events tried again or left out since a version was begun: the one
   * that is being built may lack them. May be true without a reason, for a moment.
   */
  isOvertaken(
    sql: Sql,
    version: { readonly name: string; readonly version: number },
  ): Promise<boolean>;
  /** Hands a subscription to other code: who holds it loses it. */
  adopt(sql: Sql, code: Registration): Promise<void>;
  /**
   * Wanted events in order of position, without those that are parked, that wait behind one, or that an
   * operator has left out.
   */
  handled(sql: Sql, page: HandledPage): Promise<Pick<Batch, 'events'> & { readonly upTo: number }>;
}
