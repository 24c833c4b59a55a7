import { create, defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const money = z.object({ cents: z.int().positive() });

/** The account of the unit tests: a command of each kind, a rejection, a no-op and a mistake. */
export const account = defineAggregate({
  name: 'account',
  prefix: { code: 'ACCOUNT', number: 1 },
  commands: {
    open: create(z.object({ owner: z.string() })),
    grant: upsert(money),
    deposit: money,
    withdraw: money,
    check: z.object({}),
    crash: z.object({}),
  },
  events: {
    opened: z.object({ owner: z.string() }),
    deposited: money,
    withdrawn: money,
  },
  errors: {
    OVERDRAWN: {
      number: 1,
      status: 409,
      details: z.object({ balance: z.int() }),
      message: ({ balance }: { balance: number }) => `There are only ${balance} cents`,
    },
  },
  initialState: { owner: '', balance: 0 },
  decide: {
    open: (_state, data, { event }) => [event.opened(data)],
    grant: (_state, data, { event }) => [event.deposited(data)],
    deposit: (_state, data, { event }) => [event.deposited(data)],
    withdraw(state, data, context) {
      if (data.cents > state.balance) context.reject('OVERDRAWN', { balance: state.balance });
      return [context.event.withdrawn(data)];
    },
    check: () => [],
    crash: (state) => {
      throw new RangeError(`a bug met a balance of ${state.balance}`);
    },
  },
  evolve: {
    opened(state, { owner }) {
      state.owner = owner;
    },
    deposited(state, { cents }) {
      state.balance += cents;
    },
    withdrawn(state, { cents }) {
      state.balance -= cents;
    },
  },
});

export const open = { type: 'open', data: { owner: 'Ada' } } as const;
export const check = { type: 'check', data: {} } as const;
export const crash = { type: 'crash', data: {} } as const;
export const grant = (cents: number) => ({ type: 'grant', data: { cents } }) as const;
export const deposit = (cents: number) => ({ type: 'deposit', data: { cents } }) as const;
export const withdraw = (cents: number) => ({ type: 'withdraw', data: { cents } }) as const;
