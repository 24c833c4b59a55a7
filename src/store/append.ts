import type { EventRow } from '../messages/event.js';
import type { OutcomeRow } from './outcomes.js';

/** What must still be the version of a stream that an answer without events was made on. */
export interface Assertion {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
}

/** What one group commit stores, all or nothing. */
export interface AppendBatch {
  /** In order of (aggregate, id, version) by code points, so that batches lock in one order. */
  readonly rows: readonly EventRow[];
  readonly assertions: readonly Assertion[];
  readonly outcomes: readonly OutcomeRow[];
  /** How long it may wait for a lock held by a stranger, in milliseconds. */
  readonly lockTimeoutMs: number;
}

/**
 * What became of an append. All but `stored` and `ambiguous` mean: certainly nothing was stored.
 *
 * - `stored`: durable; `positions` in the order of the rows, `recordedAt` as it stands with each of them in
 *   the log, in Unix milliseconds.
 * - `conflict`: a version or key is taken, or an assertion does not hold; the heads and outcomes tell whose.
 * - `locked`: a lock was not to be had in time, or a deadlock was broken.
 * - `fenced`: this writer's epoch was raised.
 * - `restarted`: the server is not the incarnation that the writer knows.
 * - `invalid`: the database will never take this data.
 * - `unavailable`: the database cannot take it now.
 * - `ambiguous`: the connection was lost with the statement on its way.
 * - `broken`: the log itself is damaged (a sequence left behind); needs an operator.
 */
export type AppendResult =
  | {
      readonly kind: 'stored';
      readonly positions: readonly number[];
      readonly recordedAt: number;
    }
  | { readonly kind: 'conflict' | 'locked' | 'fenced' | 'restarted'; readonly cause: Error }
  | { readonly kind: 'invalid' | 'unavailable' | 'ambiguous' | 'broken'; readonly cause: Error };
