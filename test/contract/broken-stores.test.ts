import { MemoryLog } from 'troupe';
import {
  always,
  createMemoryStore,
  type Fault,
  type FaultPlan,
  faultyStore,
  openMemoryStore,
} from 'troupe/testing';
import { storeContract } from 'troupe/testing/store-contract';
import { describe, expect, it } from 'vitest';

let log = new MemoryLog();
const NO_WRITER = { id: 0, epoch: 1, incarnation: 'x', afterPosition: 0 };

const storesNothing: Fault<'append'> = async ({ args: [, { rows }] }) => ({
  kind: 'stored',
  positions: rows.map((_row, i) => i + 1),
  recordedAt: 0,
});

/** A store that answers otherwise than the one in memory, in one respect. */
const broken: readonly (readonly [string, FaultPlan])[] = [
  ['says stored and stores nothing', { append: always(storesNothing) }],
  [
    'tells another time than it recorded',
    {
      append: always(async ({ go }) => {
        const result = await go();
        return result.kind === 'stored' ? { ...result, recordedAt: result.recordedAt + 1 } : result;
      }),
    },
  ],
  ['does not check assertions', { append: always(appendsOther({ assertions: [] })) }],
  ['keeps no outcomes', { append: always(appendsOther({ outcomes: [] })) }],
  [
    'gives heads in another order',
    { heads: always(async ({ go }) => [...(await go())].reverse()) },
  ],
  [
    'loads no tail beside a snapshot',
    {
      load: always(async ({ go }) =>
        (await go()).map((it) => (it.snapshot ? { ...it, events: [] } : it)),
      ),
    },
  ],
  ['keeps no snapshots', { saveSnapshots: always(async () => undefined) }],
  [
    'does not fence',
    { fence: always(async ({ args }) => ({ ...NO_WRITER, id: args[0], epoch: 2 })) },
  ],
  ['never expires outcomes', { sweepOutcomes: always(async () => 0) }],
  [
    'reads beyond a page',
    { readAll: always(async ({ go }) => [...(await go()), ...(await go())]) },
  ],
];

function appendsOther(given: object): Fault<'append'> {
  return ({ args: [writer, batch] }) => Promise.resolve(log.append(writer, { ...batch, ...given }));
}

describe('the contract of a store', () => {
  it.each(broken)('is not kept by one that %s', async (_, plan) => {
    const failed: string[] = [];
    log = new MemoryLog();
    for (const { name, run } of storeContract(() => faultyStore(openMemoryStore(log), plan))) {
      await run().catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
    expect(failed).not.toEqual([]);
    expect(failed.length).toBeLessThan(storeContract(createMemoryStore).length);
  });

  it('has cases with names of their own', () => {
    const names = storeContract(createMemoryStore).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
  });
});
