import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const money = z.object({ cents: z.int().positive() });

export const account = defineAggregate({
  name: 'account',
  prefix: { code: 'ACCOUNT', number: 1 },
  commands: { open: create(z.object({ owner: z.string() })), deposit: money, withdraw: money },
  events: { opened: z.object({ owner: z.string() }), deposited: money, withdrawn: money },
  errors: {
    OVERDRAWN: {
      number: 1,
      status: 409,
      details: z.object({ balance: z.int() }),
      message: 'There is not that much in the account',
    },
  },
  initialState: { owner: '', balance: 0 },
  decide: {
    open: (_state, data, { event }) => [event.opened(data)],
    deposit: (_state, data, { event }) => [event.deposited(data)],
    withdraw(state, data, context) {
      if (data.cents > state.balance)
        return context.reject('OVERDRAWN', { balance: state.balance });
      return [context.event.withdrawn(data)];
    },
  },
  evolve: {
    opened: (state, { owner }) => ({ ...state, owner }),
    deposited: (state, { cents }) => ({ ...state, balance: state.balance + cents }),
    withdrawn: (state, { cents }) => ({ ...state, balance: state.balance - cents }),
  },
});
