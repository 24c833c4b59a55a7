import { defineView } from 'troupe';
import { account } from './domain.js';

/** What is in each account. */
export const balances = defineView({
  name: 'balances',
  version: 1,
  on: [account],
  key: (event) => event.id,
  initial: { owner: '', cents: 0, movements: 0 },
  columns: {
    owner: 'text',
    cents: 'bigint',
    rich: { type: 'boolean', value: (doc) => doc.cents >= 1_000_00 },
  },
  evolve(doc, event) {
    switch (event.type) {
      case 'opened':
        return { ...doc, owner: event.data.owner };
      case 'deposited':
        return { ...doc, cents: doc.cents + event.data.cents, movements: doc.movements + 1 };
      case 'withdrawn':
        return { ...doc, cents: doc.cents - event.data.cents, movements: doc.movements + 1 };
    }
  },
});
