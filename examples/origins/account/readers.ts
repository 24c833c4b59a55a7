import { defineView, only } from 'troupe';
import { account } from './domain.js';

/** From cqrs-rust-lib: a view per account, to be filtered and sorted. */
export const accounts = defineView({
  name: 'accounts',
  version: 1,
  on: [account],
  key: (event) => event.id,
  initial: { owner: '', balance: 0, isOpen: true },
  columns: { owner: 'text', balance: 'bigint', isOpen: 'boolean' },
  evolve(document, event) {
    switch (event.type) {
      case 'opened':
        return { ...document, owner: event.data.owner };
      case 'deposited':
        return { ...document, balance: document.balance + event.data.cents };
      case 'withdrawn':
        return { ...document, balance: document.balance - event.data.cents };
      case 'closed':
        return { ...document, isOpen: false };
    }
  },
});

/** Its child view `movements`: one document for each of them, found by their account. */
export const movements = defineView({
  name: 'movements',
  version: 1,
  on: [only(account, 'deposited', 'withdrawn')],
  key: (event) => `${event.id}-${event.version}`,
  initial: { account: '', cents: 0, at: '' },
  columns: { account: 'text', cents: 'bigint', at: 'timestamptz' },
  evolve: (_document, { id, type, data, occurredAt }) => ({
    account: id,
    cents: type === 'deposited' ? data.cents : -data.cents,
    at: occurredAt.toISOString(),
  }),
});
