import { defineView, only } from 'troupe';
import { users } from './domain.js';

/** Read models of epoch come from its feed: who has which guitar, a document each. */
export const guitars = defineView({
  name: 'guitars',
  version: 1,
  on: [only(users, 'guitarGiven')],
  key: ({ data }) => `${data.user}/${data.guitar}`,
  initial: { user: '', guitar: '', given: 0 },
  columns: { user: 'text', guitar: 'text' },
  evolve: ({ given }, { data }) => ({ ...data, given: given + 1 }),
});
