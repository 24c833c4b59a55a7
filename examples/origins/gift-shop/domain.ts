import { create, defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const card = z.object({ name: z.string(), cents: z.int().positive() });

/** From Chekov: one of several aggregates of a shop. Printing a card again changes nothing. */
export const giftCard = defineAggregate({
  name: 'gift-card',
  commands: { print: upsert(card) },
  events: { printed: card },
  initialState: { name: '', cents: 0 },
  decide: { print: (state, data, { event }) => (state.name ? [] : [event.printed(data)]) },
  evolve: { printed: (_state, data) => data },
});

const item = z.object({ card: z.string(), amount: z.int().positive(), cents: z.int().positive() });
type Status = 'new' | 'placed' | 'validated' | 'cancelled';

/** An order of gift cards. What a card costs is looked up before, and part of the command. */
export const order = defineAggregate({
  name: 'order',
  prefix: { code: 'ORDER', number: 41 },
  commands: {
    place: create(z.object({ user: z.string() })),
    add: item,
    validate: z.object({}),
    cancel: z.object({}),
  },
  events: {
    placed: z.object({ user: z.string() }),
    added: item,
    validated: z.object({ cents: z.int() }),
    cancelled: z.object({}),
  },
  errors: {
    NOT_OPEN: { number: 1, status: 409, message: 'The order cannot be changed any more' },
    EMPTY: { number: 2, status: 409, message: 'There is nothing in the order' },
  },
  initialState: { status: 'new' as Status, cards: [] as readonly string[], cents: 0 },
  decide: {
    place: (_state, data, { event }) => [event.placed(data)],
    add: (state, data, { event, reject }) =>
      state.status === 'placed' ? [event.added(data)] : reject('NOT_OPEN'),
    validate({ status, cards, cents }, _data, { event, reject }) {
      if (status !== 'placed') return reject('NOT_OPEN');
      return cards.length ? [event.validated({ cents })] : reject('EMPTY');
    },
    cancel: ({ status }, _data, { event, reject }) =>
      status === 'cancelled' ? reject('NOT_OPEN') : [event.cancelled({})],
  },
  evolve: {
    placed: (state) => ({ ...state, status: 'placed' }),
    added: ({ status, cards, cents }, it) => ({
      ...{ status, cards: [...cards, it.card] },
      cents: cents + it.amount * it.cents,
    }),
    validated: (state) => ({ ...state, status: 'validated' }),
    cancelled: (state) => ({ ...state, status: 'cancelled' }),
  },
});
