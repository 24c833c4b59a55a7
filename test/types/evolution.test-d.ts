import { defineAggregate, drop, type EventOf, event, split, upsert } from 'troupe';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const base = {
  name: 'meter',
  commands: { read: upsert(z.object({ n: z.number() })) },
  initialState: { sum: 0 },
};

test('an evolved event is known to decide and evolve by its current domain shape only', () => {
  const meter = defineAggregate({
    ...base,
    events: {
      measured: event({
        schema: z.object({ at: z.date(), n: z.bigint() }),
        version: 3,
        upcast: {
          1: (data: { value: number }) => ({ n: data.value }),
          2: (data: { n: number }, { occurredAt }) => ({ ...data, at: occurredAt.toISOString() }),
        },
        encode(data) {
          expectTypeOf(data).toEqualTypeOf<{ at: Date; n: bigint }>();
          return { at: data.at.toISOString(), n: String(data.n) };
        },
        decode(stored) {
          expectTypeOf(stored).toEqualTypeOf<{ at: string; n: string }>();
          return { at: new Date(stored.at), n: BigInt(stored.n) };
        },
        formerly: ['counted'],
      }),
      reset: z.object({ why: z.string() }),
    },
    retired: {
      noise: drop,
      both: split((data: { n: string; why: string }) => [
        { type: 'reset', data: { why: data.why } },
        { type: 'measured', version: 2, data: { n: data.n } },
      ]),
    },
    decide: {
      read(_state, { n }, context) {
        expectTypeOf(context.event).toHaveProperty('measured');
        expectTypeOf(context.event.measured).parameters.toEqualTypeOf<[{ at: Date; n: bigint }]>();
        // @ts-expect-error: an old name is no event any more
        context.event.counted;
        // @ts-expect-error: a retired event is no event any more
        context.event.noise;
        return [context.event.measured({ at: context.now, n: BigInt(n) })];
      },
    },
    evolve: {
      measured(state, data) {
        expectTypeOf(data).toEqualTypeOf<{ at: Date; n: bigint }>();
        return { sum: state.sum + Number(data.n) };
      },
      reset(state, { why }) {
        expectTypeOf(why).toBeString();
        state.sum = 0;
      },
    },
  });
  type Events = EventOf<NonNullable<(typeof meter)['types']>>;
  expectTypeOf<Events>().toEqualTypeOf<
    | { readonly type: 'measured'; readonly data: { at: Date; n: bigint } }
    | { readonly type: 'reset'; readonly data: { why: string } }
  >();
});

test('a decoder that does not give the domain shape does not compile, nor one of another stored shape', () => {
  const schema = z.object({ at: z.date() });
  const encode = (data: { at: Date }) => ({ at: data.at.toISOString() });
  // @ts-expect-error: at is a date
  event({ schema, encode, decode: (stored) => ({ at: stored.at }) });
  // @ts-expect-error: what is stored has no field when
  event({ schema, encode, decode: (stored) => ({ at: new Date(stored.when) }) });
});

test('an upcaster whose parameter is not annotated does not compile', () => {
  event({
    schema: z.object({ n: z.number() }),
    version: 2,
    // @ts-expect-error: only who wrote the old version knows its shape
    upcast: { 1: (data) => ({ n: data.value }) },
  });
});

test('an evolver or decider for a retired event does not compile', () => {
  defineAggregate({
    ...base,
    events: { reset: z.object({}) },
    retired: { noise: drop },
    decide: { read: (_state, _data, { event }) => [event.reset({})] },
    // @ts-expect-error: there is no event noise
    evolve: { reset: (state: { sum: number }) => state, noise: (state: { sum: number }) => state },
  });
});

test('a retired event that is no split does not compile', () => {
  defineAggregate({
    ...base,
    events: { reset: z.object({}) },
    // @ts-expect-error: a function alone does not say what becomes of it
    retired: { noise: () => [] },
    decide: { read: () => [] },
    evolve: { reset: (state) => state },
  });
});
