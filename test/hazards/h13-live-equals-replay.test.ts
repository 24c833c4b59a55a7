import fc from 'fast-check';
import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';

/** What the next `add` puts into its event, as commands cannot carry most of it. */
let payload: unknown;
/** The state as a decider saw it. */
let seen: unknown;

const box = defineAggregate({
  name: 'box',
  commands: {
    add: upsert(z.object({})),
    copyLast: upsert(z.object({})),
    touch: upsert(z.object({})),
    peek: upsert(z.object({})),
  },
  events: { added: z.any(), touched: z.object({}) },
  initialState: { list: [] as unknown[] },
  decide: {
    add: (_state, _data, { event }) => [event.added(payload)],
    copyLast: (state, _data, { event }) => [event.added(state.list.at(-1))],
    touch: (_state, _data, { event }) => [event.touched({})],
    peek(state) {
      seen = structuredClone(state);
      return [];
    },
  },
  evolve: {
    added(state, data) {
      state.list.push(data);
    },
    touched(state) {
      const last = state.list.at(-1);
      if (typeof last === 'object' && last !== null) Object.assign(last, { touched: true });
    },
  },
});

class Price {
  constructor(readonly cents: number) {}
}

const shards = useShards({ box });
const exotic = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true },
  ...{
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
    withObjectString: true,
  },
});
const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: exotic },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      -0,
      [-0],
      { a: undefined, b: 1 },
      new Price(1),
      { at: new Date(0) },
      Number.NaN,
      '\ud800',
    ),
  },
);

describe('H13 what evolve gets live', () => {
  it('H13 is what a replay gets, or the event is refused: for any value', async () => {
    const store = shards.open();
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 25 }), async (values) => {
        const id = shards.id();
        const live = await shards.start({ store });
        let accepted = 0;
        for (const it of values) accepted += await add(live, id, it);
        expect(await shards.log(id, 'box')).toHaveLength(accepted);
        expect(await stateSeen(live, id)).toStrictEqual(
          await stateSeen(await shards.start({ store }), id),
        );
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it.each([
    ['minus zero', -0, 0],
    ['an undefined property', { a: undefined, b: 1 }, { b: 1 }],
    ['no prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a key __proto__ in JSON', JSON.parse('{"a":{"b":1}}'), { a: { b: 1 } }],
  ])('H13 is what JSON makes of it: %s', async (_, given, stored) => {
    const live = await shards.start();
    const id = shards.id();
    expect(await add(live, id, given)).toBe(1);
    expect(await stateSeen(live, id)).toStrictEqual({ list: [stored] });
  });

  it('H13 shares nothing with the state it was made from: a later change reaches only one of them', async () => {
    const live = await shards.start();
    const id = shards.id();
    await add(live, id, { n: 1 });
    await live.client(box).send(id, { type: 'copyLast', data: {} });
    await live.client(box).send(id, { type: 'touch', data: {} });
    expect(await stateSeen(live, id)).toStrictEqual({ list: [{ n: 1 }, { n: 1, touched: true }] });
    expect(await stateSeen(await shards.start(), id)).toStrictEqual(await stateSeen(live, id));
  });

  it('H13 is not changed by a schema that has become stricter since: reading does not run it', async () => {
    const live = await shards.start();
    const id = shards.id();
    await add(live, id, { long: 'before' });
    const strict = defineAggregate({
      name: 'box',
      commands: { add: upsert(z.object({})) },
      events: { added: z.object({ long: z.string().max(3) }) },
      initialState: { list: [] as unknown[] },
      decide: { add: (_state, _data, { event }) => [event.added({ long: 'longer' })] },
      evolve: {
        added(state, data) {
          state.list.push(data);
        },
      },
    });
    const client = (await shards.start({ domain: { strict } })).client(strict);
    expect(await client.state(id)).toMatchObject({
      version: 1,
      state: { list: [{ long: 'before' }] },
    });
    const added = client.send(id, { type: 'add', data: {} });
    await expect(added).rejects.toMatchObject({
      code: 'CommandFailed',
      message: expect.stringContaining('long: '),
    });
  });
});

/** 1 if the value was stored. */
async function add(live: ShardUnderTest, id: string, value: unknown): Promise<number> {
  payload = value;
  const sent = live.client(box).send(id, { type: 'add', data: {} });
  return sent.then(
    () => 1,
    (error: { code: string }) => {
      expect(error.code).toBe('CommandFailed');
      return 0;
    },
  );
}

async function stateSeen(live: ShardUnderTest, id: string): Promise<unknown> {
  seen = undefined;
  await live.client(box).send(id, { type: 'peek', data: {} });
  return seen;
}
