import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import type { AppendBatch, AppendResult } from '../../src/store/append.js';
import type { EventRow, Store, Writer } from '../../src/store/store.js';
import { appendContract } from './append-contract.js';
import { batchOf } from './batches.js';
import { loadContract } from './load-contract.js';
import { namesContract } from './names-contract.js';
import { outcomesContract } from './outcomes-contract.js';
import { readingContract } from './reading-contract.js';
import { snapshotsContract } from './snapshots-contract.js';
import { writersContract } from './writers-contract.js';

/** One log, and how to open stores on it. */
export interface LogUnderTest {
  open(): Store;
  /** Called after all stores were closed. */
  stop(): Promise<void>;
}

/** What each test of the contract gets: the log is shared by all, the writer and the names are its own. */
export interface StoreTest {
  readonly store: Store;
  readonly writer: Writer;
  /** An aggregate that no other test uses. */
  readonly aggregate: string;
  /** Opens one more store on the same log; closed at the end. */
  open(): Store;
  /** A stream of `aggregate`. */
  stream(id: string): { readonly aggregate: string; readonly id: string };
  /** Appends as `writer`; rows are put in order. */
  append(batch: Partial<AppendBatch>): Promise<AppendResult>;
  /** Appends rows, expects that they were stored, and returns their positions in order. */
  stored(rows: readonly EventRow[]): Promise<readonly number[]>;
}

/** What every `Store` does, whatever it keeps its log in. */
export function storeContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    const stores: Store[] = [];
    const test = {} as { -readonly [K in keyof StoreTest]: StoreTest[K] };
    let log: LogUnderTest;
    let count = 0;

    beforeAll(async () => {
      log = await start();
      test.open = () => {
        const store = log.open();
        stores.push(store);
        return store;
      };
      test.store = test.open();
      test.stream = (id) => ({ aggregate: test.aggregate, id });
      test.append = (batch) => test.store.append(test.writer, batchOf(batch));
      test.stored = async (rows) => positionsOf(await test.append({ rows }));
    });

    beforeEach(async () => {
      test.aggregate = `aggregate${++count}`;
      test.writer = await test.store.registerWriter();
    });

    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await log.stop();
    });

    describe('writers', () => writersContract(test));
    describe('append', () => appendContract(test));
    describe('names', () => namesContract(test));
    describe('outcomes', () => outcomesContract(test));
    describe('load', () => loadContract(test));
    describe('snapshots', () => snapshotsContract(test));
    describe('reading', () => readingContract(test));
  });
}

/** The positions of an append that must have succeeded. */
export function positionsOf(result: AppendResult): readonly number[] {
  if (result.kind !== 'stored') throw result.cause;
  expect(result.positions).toEqual([...result.positions].sort((a, b) => a - b));
  return result.positions;
}
