import { randomUUID } from 'node:crypto';
import type { Store } from '../../store/store.js';
import { appendCases } from './append.js';
import { batchOf } from './batches.js';
import { loadCases } from './load.js';
import { namesCases } from './names.js';
import { outcomesCases } from './outcomes.js';
import { readingCases } from './reading.js';
import { snapshotsCases } from './snapshots.js';
import { positionsOf, type StoreCase, type StoreTest } from './store-case.js';
import { writersCases } from './writers.js';

export type { AppendBatch, AppendResult, Assertion } from '../../store/append.js';
export type { KeyedCommand, OutcomeRow, StoredOutcome } from '../../store/outcomes.js';
export type { SnapshotRow, StoredSnapshot } from '../../store/snapshots.js';
export type {
  EventRow,
  FindCommands,
  Head,
  LoadedEvent,
  LoadedStream,
  LoadRequest,
  PageRequest,
  Store,
  StoredEvent,
  StreamName,
  VersionRange,
  Writer,
} from '../../store/store.js';

/** One case of the contract, for `it` of any test runner. */
export interface ContractCase {
  /** What it is about and what every store does: `append: takes an empty batch`. */
  readonly name: string;
  /** Rejects with an `AssertionError` if the store does not. */
  run(): Promise<void>;
}

const GROUPS: Readonly<Record<string, readonly StoreCase[]>> = {
  writers: writersCases,
  append: appendCases,
  names: namesCases,
  outcomes: outcomesCases,
  load: loadCases,
  snapshots: snapshotsCases,
  reading: readingCases,
};

/**
 * What every `Store` does, whatever it keeps its log in: a list of cases that need no hooks and no
 * order, but run one after the other. `open` opens a store on one log that all cases share, each time
 * it is called; the cases take names of their own, so the log may hold other things, and they close
 * what they have opened. Nobody else may append to the log or sweep its outcomes meanwhile.
 *
 * @example
 * for (const { name, run } of storeContract(() => new MyStore(url))) it(name, run);
 */
export function storeContract(open: () => Store | Promise<Store>): readonly ContractCase[] {
  return Object.entries(GROUPS).flatMap(([group, cases]) =>
    cases.map((one) => ({ name: `${group}: ${one.title}`, run: () => runCase(one, open) })),
  );
}

async function runCase(one: StoreCase, open: () => Store | Promise<Store>): Promise<void> {
  const stores: Store[] = [];
  const openOne = async (): Promise<Store> => {
    const store = await open();
    stores.push(store);
    return store;
  };
  try {
    await one.run(await testOn(openOne));
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

async function testOn(open: () => Promise<Store>): Promise<StoreTest> {
  const store = await open();
  const writer = await store.registerWriter();
  const aggregate = `contract-${randomUUID()}`;
  const append: StoreTest['append'] = (batch) => store.append(writer, batchOf(batch));
  return {
    ...{ store, writer, aggregate, open, append },
    stream: (id) => ({ aggregate, id }),
    stored: async (rows) => positionsOf(await append({ rows })),
  };
}
