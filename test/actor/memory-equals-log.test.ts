import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basket, type Line } from '../support/basket.js';
import { fails, losesAnswer, losesStatement } from '../support/faults.js';
import type { Fault } from '../support/faulty-store.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { type LoggedEvent, useShards } from '../support/use-shards.js';

const shards = useShards({ basket });

const line: fc.Arbitrary<Line> = fc.record(
  {
    name: fc.string({ unit: 'grapheme', maxLength: 6 }),
    price: fc.oneof(fc.constant(-0), fc.double({ noNaN: true, min: -1e9, max: 1e9 })),
    note: fc.option(fc.string(), { nil: undefined }),
    tags: fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
  },
  { requiredKeys: ['name', 'price', 'tags'] },
);

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      data: fc.array(line, { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('retag' as const),
      data: fc.string({ maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'clear' as const, data: {} }) },
  { weight: 1, arbitrary: fc.constant({ type: 'look' as const, data: {} }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('tooMuch' as const), data: fc.integer() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('putThenBreak' as const), data: line }) },
);

const fault: fc.Arbitrary<Fault<'append'>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fault<'append'>>((call) => call.go()) },
  { weight: 1, arbitrary: fc.constantFrom(fails('conflict'), losesAnswer, losesStatement) },
);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      commands: fc.array(command, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('foreign' as const), line }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'passivate' as const }) },
);

const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  faults: fc.array(fault, { maxLength: 12 }),
});

describe('memory equals log', () => {
  it('after any commands and faults: live, after passivation, from a snapshot and from nothing', async () => {
    const store = shards.open();
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, faults }) => {
        const id = shards.id();
        const live = await shards.start({ store });
        live.store.next('append', ...faults);
        for (const it of steps) await perform(live, id, it);
        await expectFold(live, id);
        await passivate(live);
        expect(live.actorCount).toBe(0);
        await expectFold(live, id);
        await live.stop();

        const restarted = await shards.start({ store });
        await expectFold(restarted, id);
        await shards.db.query(`DELETE FROM ${shards.schema}.snapshots WHERE id = $1`, [id]);
        await passivate(restarted);
        await expectFold(restarted, id);
        await restarted.stop();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function perform(live: ShardUnderTest, id: string, it: Step): Promise<void> {
  if (it.kind === 'passivate') return passivate(live);
  if (it.kind === 'foreign') {
    const { length } = await shards.log(id, 'basket');
    const data = JSON.stringify(it.line);
    return shards.insert(id, length + 1, { aggregate: 'basket', type: 'put', data });
  }
  const baskets = live.client(basket);
  const before = await shards.log(id, 'basket');
  const results = await Promise.allSettled(it.commands.map((one) => baskets.trySend(id, one)));
  const events = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value.ok ? result.value.receipt.events : [],
  );
  events.sort((a, b) => a.version - b.version);
  // What the receipts say is what the log holds, each event once.
  const after = (await shards.log(id, 'basket')).slice(before.length);
  expect(after.map(({ version, type, data }) => ({ version, type, data }))).toEqual(
    events.map(({ version, type, data }) => ({ version, type, data })),
  );
}

async function passivate(live: ShardUnderTest): Promise<void> {
  for (let i = 0; i < 2; i++) {
    live.clock.advance(3_600_000);
    live.tick();
  }
}

async function expectFold(live: ShardUnderTest, id: string): Promise<void> {
  const events = await shards.log(id, 'basket');
  const state = await live.client(basket).state(id);
  if (events.length === 0) return expect(state).toBeUndefined();
  expect(state).toMatchObject({ version: events.length });
  expect(state?.state).toEqual(fold(events));
}

/** The fold as anybody would write it, from what the outsider read. */
function fold(events: readonly LoggedEvent[]): unknown {
  let state: unknown = structuredClone(basket.initialState);
  for (const { type, data } of events) {
    state =
      basket.evolve[type]?.(state as never, structuredClone(data) as never, undefined as never) ??
      state;
  }
  return JSON.parse(JSON.stringify(state));
}
