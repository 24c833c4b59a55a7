import { create, defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const money = z.object({ cents: z.int().positive() });

/** The aggregate that the type tests are about: each kind of command, error and schema. */
export const purse = defineAggregate({
  name: 'purse',
  prefix: { code: 'PURSE', number: 7 },
  commands: {
    open: create(z.object({ owner: z.string() }), { idFor: ({ owner }) => owner }),
    put: money,
    take: upsert(money),
    label: z.object({ text: z.string().transform((text) => text.length) }),
  },
  events: {
    opened: z.object({ owner: z.string() }),
    changed: z.object({ by: z.number(), note: z.string().optional() }),
    stamped: z.object({ at: z.string().transform((text) => text.length) }),
  },
  errors: {
    EMPTY: { number: 1, details: z.object({ balance: z.number() }), message: 'Nothing left' },
    LOCKED: { number: 2, message: 'It is locked' },
  },
  initialState: { owner: '', balance: 0 },
  services: () => ({ rate: (day: string) => day.length }),
  decide: {
    open: (_state, data, { event }) => [event.opened(data)],
    put: (_state, { cents }, { event }) => [event.changed({ by: cents })],
    take: {
      durable: async (state, { cents }, context) => {
        if (cents > state.balance) context.reject('EMPTY', { balance: state.balance });
        return [context.event.changed({ by: -cents * context.services.rate('today') })];
      },
    },
    label: () => [],
  },
  evolve: {
    opened: (state, { owner }) => ({ ...state, owner }),
    changed(state, { by }) {
      state.balance += by;
    },
    stamped: (state) => state,
  },
});
