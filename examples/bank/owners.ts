import { defineInlineProjection, only } from 'troupe';
import { account } from './domain.js';

/** Who has which account: one account per owner, whichever account it is. */
export const owners = defineInlineProjection({
  name: 'owners',
  version: 1,
  on: [only(account, 'opened')],
  setup: (tx) =>
    tx.query(
      `CREATE TABLE ${tx.table('accounts')} (owner text PRIMARY KEY, account text NOT NULL)`,
    ),
  handle: (events, tx) =>
    tx.query(
      `INSERT INTO ${tx.table('accounts')} (owner, account)
       SELECT * FROM unnest($1::text[], $2::text[]) AS e(owner, account) ORDER BY owner`,
      [events.map((event) => event.data.owner), events.map((event) => event.id)],
    ),
});
