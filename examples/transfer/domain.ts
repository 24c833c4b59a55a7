import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const money = z.object({ cents: z.int().positive() });

export const account = defineAggregate({
  name: 'account',
  prefix: { code: 'ACCOUNT', number: 1 },
  commands: {
    open: create(z.object({ owner: z.string() })),
    deposit: money,
    withdraw: money,
    close: z.object({}),
  },
  events: {
    opened: z.object({ owner: z.string() }),
    deposited: money,
    withdrawn: money,
    closed: z.object({}),
  },
  errors: {
    OVERDRAWN: {
      number: 1,
      details: z.object({ balance: z.int() }),
      message: 'There is not that much in the account',
    },
    CLOSED: { number: 2, message: 'The account is closed' },
  },
  initialState: { balance: 0, isClosed: false },
  decide: {
    open: (_state, data, { event }) => [event.opened(data)],
    deposit(state, data, context) {
      if (state.isClosed) return context.reject('CLOSED');
      return [context.event.deposited(data)];
    },
    withdraw(state, data, context) {
      if (state.isClosed) return context.reject('CLOSED');
      if (data.cents > state.balance)
        return context.reject('OVERDRAWN', { balance: state.balance });
      return [context.event.withdrawn(data)];
    },
    close: (_state, _data, { event }) => [event.closed({})],
  },
  evolve: {
    opened() {},
    deposited: (state, { cents }) => ({ ...state, balance: state.balance + cents }),
    withdrawn: (state, { cents }) => ({ ...state, balance: state.balance - cents }),
    closed: (state) => ({ ...state, isClosed: true }),
  },
});

const wish = z.object({ from: z.string(), to: z.string(), cents: z.int().positive() });

/** What somebody wants to be transferred; it has to be confirmed. */
export const transfer = defineAggregate({
  name: 'transfer',
  commands: { request: create(wish), confirm: z.object({}) },
  events: { requested: wish, confirmed: z.object({}) },
  initialState: {},
  decide: {
    request: (_state, data, { event }) => [event.requested(data)],
    confirm: (_state, _data, { event }) => [event.confirmed({})],
  },
  evolve: { requested() {}, confirmed() {} },
});
