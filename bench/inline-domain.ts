import { defineInlineProjection } from 'troupe';
import { account } from './domain.js';

export { account };

/** The sum of each account, in the transaction of the append: one statement for a whole batch. */
export const sums = defineInlineProjection({
  name: 'sums',
  version: 1,
  on: [account],
  setup: (tx) =>
    tx.query(
      `CREATE TABLE ${tx.table('accounts')} (id text COLLATE "C" PRIMARY KEY, amount bigint NOT NULL, deposits int NOT NULL)
       WITH (fillfactor = 50)`,
    ),
  handle: (events, tx) =>
    tx.query(
      `INSERT INTO ${tx.table('accounts')} AS a
       SELECT id, sum(amount), count(*) FROM unnest($1::text[], $2::bigint[]) AS e(id, amount) GROUP BY id ORDER BY id
       ON CONFLICT (id) DO UPDATE SET amount = a.amount + excluded.amount, deposits = a.deposits + excluded.deposits`,
      [events.map(({ id }) => id), events.map(({ data }) => data.amount)],
    ),
});
