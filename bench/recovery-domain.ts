import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const deposit = z.object({ amount: z.int().positive(), reference: z.string().max(100) });

/** The account of the other benches, which takes no snapshots: behind the ones it starts from, all is tail. */
export const dormant = defineAggregate({
  name: 'dormant',
  snapshot: { every: 0, atPassivation: 0 },
  commands: { deposit: upsert(deposit) },
  events: { deposited: deposit },
  initialState: { balance: 0, deposits: 0 },
  decide: { deposit: (_state, data, { event }) => [event.deposited(data)] },
  evolve: {
    deposited(state, data) {
      state.balance += data.amount;
      state.deposits += 1;
    },
  },
});
