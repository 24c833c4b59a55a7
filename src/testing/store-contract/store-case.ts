import type { AppendBatch, AppendResult } from '../../store/append.js';
import type { EventRow, Store, Writer } from '../../store/store.js';
import { same } from './expectations.js';

/** What each case of the contract gets: the log is shared by all, the writer and the names are its own. */
export interface StoreTest {
  readonly store: Store;
  readonly writer: Writer;
  /** An aggregate that no other case uses. */
  readonly aggregate: string;
  /** Opens one more store on the same log; closed at the end of the case. */
  open(): Promise<Store>;
  /** A stream of `aggregate`. */
  stream(id: string): { readonly aggregate: string; readonly id: string };
  /** Appends as `writer`; rows are put in order. */
  append(batch: Partial<AppendBatch>): Promise<AppendResult>;
  /** Appends rows, expects that they were stored, and returns their positions in order. */
  stored(rows: readonly EventRow[]): Promise<readonly number[]>;
}

/** One thing that every store does. */
export interface StoreCase {
  readonly title: string;
  run(test: StoreTest): Promise<void>;
}

export function storeCase(title: string, run: (test: StoreTest) => Promise<void>): StoreCase {
  return { title, run };
}

/** The positions of an append that must have succeeded. */
export function positionsOf(result: AppendResult): readonly number[] {
  if (result.kind !== 'stored') throw result.cause;
  same(
    result.positions,
    [...result.positions].sort((a, b) => a - b),
  );
  return result.positions;
}
