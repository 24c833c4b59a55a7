import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

export const deposit = z.object({ amount: z.int().positive(), reference: z.string().max(100) });

/** The smallest account that is worth measuring: schemas on both sides, a rule, a state. */
export const account = defineAggregate({
  name: 'account',
  prefix: { code: 'ACCOUNT', number: 1 },
  commands: { deposit: upsert(deposit) },
  events: { deposited: deposit },
  errors: { LIMIT: { number: 1, status: 409, message: 'The account is full' } },
  initialState: { balance: 0, deposits: 0 },
  decide: {
    deposit(state, data, context) {
      if (state.balance > Number.MAX_SAFE_INTEGER / 2) return context.reject('LIMIT');
      return [context.event.deposited(data)];
    },
  },
  evolve: {
    deposited(state, data) {
      state.balance += data.amount;
      state.deposits += 1;
    },
  },
});
