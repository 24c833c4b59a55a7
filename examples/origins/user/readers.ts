import { defineView } from 'troupe';
import { user } from './domain.js';

/** A projector of Chekov: the account of each user, to be found by either. */
export const accountsOfUsers = defineView({
  name: 'accounts-of-users',
  version: 1,
  on: [user],
  key: (event) => event.id,
  initial: { account: '' },
  columns: { account: 'text' },
  evolve: (_document, { data }) => ({ account: data.account }),
});
