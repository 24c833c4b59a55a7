import {
  type AggregateTypes,
  type CommandOf,
  type CreateCommandOf,
  defineAggregate,
  durable,
  type EventOf,
  type RejectionOf,
  upsert,
} from 'troupe';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { purse } from './purse.js';

type Types = typeof purse extends { readonly types?: infer T extends AggregateTypes } ? T : never;

test('the state is that of the initial state', () => {
  expectTypeOf<Types['state']>().toEqualTypeOf<{ owner: string; balance: number }>();
});

test('the state is that of its schema where there is one', () => {
  const state = z.object({ mode: z.union([z.literal('on'), z.literal('off')]) });
  const lamp = defineAggregate({
    name: 'lamp',
    commands: { flip: upsert(z.object({})) },
    events: { flipped: z.object({}) },
    state,
    initialState: { mode: 'off' },
    decide: {
      flip(it, _data, { event }) {
        expectTypeOf(it.mode).toEqualTypeOf<'on' | 'off'>();
        return [event.flipped({})];
      },
    },
    evolve: { flipped: (it) => ({ mode: it.mode === 'on' ? 'off' : 'on' }) },
  });
  expectTypeOf(lamp.types).not.toBeAny();
});

test('a state returned by evolve needs no annotations, whatever literals and lists it holds', () => {
  interface Lamp {
    readonly mode: 'on' | 'off';
    readonly past: { at: number; mode: 'on' | 'off' }[];
  }
  const initialState: Lamp = { mode: 'off', past: [] };
  defineAggregate({
    name: 'lamp',
    commands: { flip: upsert(z.object({})) },
    events: { lit: z.object({ at: z.number() }), flipped: z.object({}) },
    initialState,
    decide: { flip: (_it, _data, { event }) => [event.flipped({})] },
    evolve: {
      lit: (it, { at }) => ({ ...it, mode: 'on', past: [...it.past, { at, mode: 'on' }] }),
      flipped(it) {
        return { mode: it.mode === 'on' ? 'off' : 'on', past: [] };
      },
    },
  });
});

test('commands are those a caller may write, told apart by type', () => {
  expectTypeOf<CommandOf<Types>>().toEqualTypeOf<
    | { readonly type: 'open'; readonly data: { owner: string } }
    | { readonly type: 'put'; readonly data: { cents: number } }
    | { readonly type: 'take'; readonly data: { cents: number } }
    | { readonly type: 'label'; readonly data: { text: string } }
  >();
});

test('only create and upsert commands may start a stream', () => {
  expectTypeOf<CreateCommandOf<Types>['type']>().toEqualTypeOf<'open' | 'take'>();
});

test('events are those that are read, as their schemas make them', () => {
  expectTypeOf<EventOf<Types>>().toEqualTypeOf<
    | { readonly type: 'opened'; readonly data: { owner: string } }
    | { readonly type: 'changed'; readonly data: { by: number; note?: string | undefined } }
    | { readonly type: 'stamped'; readonly data: { at: number } }
  >();
});

test('rejections are the declared and the built-in ones', () => {
  expectTypeOf<RejectionOf<Types>>().toEqualTypeOf<
    | { readonly shortCode: 'EMPTY'; readonly details: { balance: number } }
    | { readonly shortCode: 'LOCKED'; readonly details: Readonly<Record<string, never>> }
    | {
        readonly shortCode: 'NotFound' | 'AlreadyExists';
        readonly details: { readonly aggregate: string; readonly id: string };
      }
  >();
});

test('deciders know state, data, services, events and errors without annotations', () => {
  defineAggregate({
    name: 'witness',
    commands: {
      look: upsert(z.object({ n: z.coerce.number<string>() })),
      wait: upsert(z.object({ s: z.string() })),
    },
    events: { looked: z.object({ n: z.number() }) },
    errors: { BAD: { number: 1, details: z.object({ why: z.string() }), message: 'Bad' } },
    initialState: { list: [] as number[] },
    services: async () => ({ double: (n: number) => 2 * n }),
    decide: {
      look(state, data, context) {
        expectTypeOf(state).toEqualTypeOf<{ list: number[] }>();
        expectTypeOf(data).toEqualTypeOf<{ n: number }>();
        expectTypeOf(context.services.double).toEqualTypeOf<(n: number) => number>();
        expectTypeOf(context.event.looked).parameters.toEqualTypeOf<[{ n: number }]>();
        expectTypeOf(context.reject).parameter(0).toEqualTypeOf<'BAD'>();
        expectTypeOf(context.reject).returns.toBeNever();
        expectTypeOf(context.now).toEqualTypeOf<Date>();
        return [context.event.looked(data)];
      },
      wait: {
        durable: async (state, data, { event }) => {
          expectTypeOf(state).toEqualTypeOf<{ list: number[] }>();
          expectTypeOf(data).toEqualTypeOf<{ s: string }>();
          return [event.looked({ n: 1 })];
        },
      },
    },
    evolve: {
      looked(state, data, event) {
        expectTypeOf(state).toEqualTypeOf<{ list: number[] }>();
        expectTypeOf(data).toEqualTypeOf<{ n: number }>();
        expectTypeOf(event.version).toEqualTypeOf<number>();
        state.list.push(data.n);
      },
    },
  });
});

test('a rejection ends the decider for the compiler too', () => {
  defineAggregate({
    name: 'never',
    commands: { go: upsert(z.object({})) },
    events: { gone: z.object({}) },
    errors: { NO: { number: 1, message: 'No' } },
    initialState: {},
    decide: {
      go(_state, _data, context) {
        return context.reject('NO');
      },
    },
    evolve: { gone: (state) => state },
  });
});

test('an annotated async decider may be declared by durable()', () => {
  defineAggregate({
    name: 'slow',
    commands: { go: upsert(z.object({ n: z.number() })) },
    events: { gone: z.object({}) },
    initialState: { n: 0 },
    decide: {
      go: durable(async (state: { n: number }, data: { n: number }) => {
        expectTypeOf(state.n + data.n).toBeNumber();
        return [];
      }),
    },
    evolve: { gone: (state) => state },
  });
});

test('idFor gets what a caller writes', () => {
  upsert(z.object({ at: z.string().transform(Number) }), {
    idFor(data) {
      expectTypeOf(data).toEqualTypeOf<{ at: string }>();
      return data.at;
    },
  });
});
