import {
  type AggregateTypes,
  type CommandOf,
  create,
  defineAggregate,
  type EventOf,
  type RejectionOf,
} from 'troupe';
import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';

const jar = defineAggregate({
  name: 'jar',
  commands: {
    open: create(v.object({ label: v.string() }), { idFor: ({ label }) => label }),
    fill: v.object({ grams: v.pipe(v.string(), v.transform(Number)) }),
  },
  events: {
    opened: v.object({ label: v.string() }),
    filled: v.object({ grams: v.number(), note: v.optional(v.string()) }),
  },
  errors: { FULL: { number: 1, details: v.object({ left: v.number() }), message: 'Full' } },
  state: v.object({ grams: v.number(), mode: v.picklist(['new', 'used']) }),
  initialState: { grams: 0, mode: 'new' },
  decide: {
    open: (_state, data, { event }) => [event.opened(data)],
    fill(state, { grams }, context) {
      expectTypeOf(grams).toBeNumber();
      expectTypeOf(state.mode).toEqualTypeOf<'new' | 'used'>();
      if (state.grams + grams > 100) context.reject('FULL', { left: 100 - state.grams });
      // @ts-expect-error: grams is a number
      context.event.filled({ grams: '1' });
      // @ts-expect-error: left is missing
      if (state.grams > 100) context.reject('FULL', {});
      return [context.event.filled({ grams })];
    },
  },
  evolve: {
    opened: (state) => state,
    filled: (state, { grams, note }) => {
      expectTypeOf(note).toEqualTypeOf<string | undefined>();
      return { ...state, grams: state.grams + grams, mode: 'used' };
    },
  },
});

type Types = typeof jar extends { readonly types?: infer T extends AggregateTypes } ? T : never;

test('valibot schemas are inferred as well as those of zod', () => {
  expectTypeOf<Types['state']>().toEqualTypeOf<{ grams: number; mode: 'new' | 'used' }>();
  expectTypeOf<CommandOf<Types>>().toEqualTypeOf<
    | { readonly type: 'open'; readonly data: { label: string } }
    | { readonly type: 'fill'; readonly data: { grams: string } }
  >();
  expectTypeOf<EventOf<Types>>().toEqualTypeOf<
    | { readonly type: 'opened'; readonly data: { label: string } }
    | { readonly type: 'filled'; readonly data: { grams: number; note?: string | undefined } }
  >();
  expectTypeOf<RejectionOf<Types>['shortCode']>().toEqualTypeOf<
    'FULL' | 'NotFound' | 'AlreadyExists'
  >();
});
