import fc from 'fast-check';
import { storeContract as contractOf } from 'troupe/testing/store-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { positionsOf } from '../../src/testing/store-contract/store-case.js';
import { batchOf, eventRow } from './batches.js';

export { positionsOf };

/** One log, and how to open stores on it. */
export interface LogUnderTest {
  open(): Store;
  /** Called after all stores were closed. */
  stop(): Promise<void>;
}

/** Holds a store to the published contract, and to a property for which the package has no tool. */
export function storeContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let log: LogUnderTest;
    beforeAll(async () => {
      log = await start();
    });
    afterAll(() => log?.stop());

    for (const { name: title, run } of contractOf(() => log.open())) it(title, run);

    it('returns the positions of any ids for their own rows', () => anyIds(log));
  });
}

async function anyIds(log: LogUnderTest): Promise<void> {
  const store = log.open();
  const writer = await store.registerWriter();
  let run = 0;
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
  const ids = fc.uniqueArray(name.filter(storable), { minLength: 1, maxLength: 20 });
  const property = fc.asyncProperty(ids, async (names) => {
    const aggregate = `any ids ${++run}`;
    const batch = batchOf({ rows: names.map((id) => eventRow({ aggregate, id }, 1)) });
    const positions = positionsOf(await store.append(writer, batch));
    const heads = await store.heads(batch.rows);
    expect(heads.map((head) => head.position)).toEqual(positions);
  });
  await fc.assert(property, { numRuns: 50 });
  await store.close();
}

function storable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
