import fc from 'fast-check';
import { describe, it } from 'vitest';
import { useShards } from '../support/use-shards.js';
import { type Call, performAll } from './support/anything.js';
import { expectConsistent } from './support/invariants.js';
import { randomFaults } from './support/random-faults.js';

const shards = useShards();

const call: fc.Arbitrary<Call> = fc.record({
  shard: fc.nat(1),
  id: fc.nat(2),
  type: fc.constantFrom(
    'grant',
    'grant',
    'deposit',
    'withdraw',
    'withdraw',
    'check',
    'crash',
    'open',
    'state',
  ),
  cents: fc.integer({ min: 1, max: 40 }),
  key: fc.option(fc.nat(6), { nil: undefined }),
  expectedVersion: fc.option(fc.nat(8), { nil: undefined, freq: 8 }),
  timeoutMs: fc.constantFrom(500, 30_000, 30_000),
  abortAfter: fc.option(fc.nat(3), { nil: undefined, freq: 8 }),
  /** What happens between this call and the next. */
  next: fc.constantFrom(
    'nothing',
    'nothing',
    'nothing',
    'turn',
    'settle',
    'time',
    'foreign',
    'idle',
  ),
});

describe('two shards on one log, with faults everywhere', () => {
  it.each([
    ['', {}],
    [' where every stream is taken to be new', { newStreamsAfter: 0 }],
  ])(
    'answer each command once, and truly; the log and all memories agree%s',
    async (_, given) => {
      const stores = [shards.open(), shards.open()];
      await fc.assert(
        fc.asyncProperty(
          fc.array(call, { minLength: 5, maxLength: 60 }),
          fc.nat(),
          async (calls, seed) => {
            const both = await Promise.all(
              stores.map((store) =>
                shards.start({
                  store,
                  options: {
                    batch: { maxRows: 4, maxBytes: 1024 * 1024 },
                    maxConflicts: 6,
                    ...given,
                  },
                }),
              ),
            );
            both.forEach((one, i) => void randomFaults(one.store, seed + i));
            const ids = [shards.id(), shards.id(), shards.id()];
            const done = await performAll({ shards, both, ids }, calls);
            await expectConsistent({ shards, both, ids }, done);
            for (const one of both) await one.stop();
          },
        ),
        { numRuns: 25 },
      );
    },
    120_000,
  );
});
