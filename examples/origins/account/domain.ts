import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const money = z.object({ cents: z.int().positive() });

/** From cqrs-rust-lib: commands that create and that update, numbered errors, services. */
export const account = defineAggregate({
  name: 'account',
  prefix: { code: 'ACCOUNT', number: 10 },
  commands: {
    open: create(z.object({ owner: z.string() })),
    deposit: money,
    withdraw: money,
    close: z.object({}),
  },
  events: {
    opened: z.object({ owner: z.string(), number: z.string() }),
    deposited: money,
    withdrawn: money,
    closed: z.object({ by: z.string(), at: z.iso.datetime() }),
  },
  errors: {
    INSUFFICIENT_FUNDS: {
      number: 1,
      details: z.object({ balance: z.int() }),
      message: ({ balance }: { balance: number }) => `The balance is ${balance}`,
    },
    OWNER_BARRED: { number: 2, status: 403, message: 'The owner may not have an account' },
    CLOSED: { number: 3, status: 410, message: 'The account is closed' },
  },
  initialState: { balance: 0, isOpen: false },
  // Asked once the state is durable, for it is asked by an async decider.
  services: () => ({ isBarred: async (owner: string) => owner === 'mallory' }),
  decide: {
    open: {
      durable: async (_state, { owner }, { event, services, newId, reject }) =>
        (await services.isBarred(owner))
          ? reject('OWNER_BARRED')
          : [event.opened({ owner, number: newId() })],
    },
    deposit: (state, data, { event, reject }) =>
      state.isOpen ? [event.deposited(data)] : reject('CLOSED'),
    withdraw: ({ isOpen, balance }, data, { event, reject }) => {
      if (!isOpen) return reject('CLOSED');
      return data.cents > balance
        ? reject('INSUFFICIENT_FUNDS', { balance })
        : [event.withdrawn(data)];
    },
    close: ({ isOpen }, _data, { event, metadata, now, reject }) =>
      isOpen
        ? [event.closed({ by: metadata.principal ?? 'anonymous', at: now.toISOString() })]
        : reject('CLOSED'),
  },
  evolve: {
    opened: (state) => ({ ...state, isOpen: true }),
    deposited: (state, { cents }) => ({ ...state, balance: state.balance + cents }),
    withdrawn: (state, { cents }) => ({ ...state, balance: state.balance - cents }),
    closed: (state) => ({ ...state, isOpen: false }),
  },
});
