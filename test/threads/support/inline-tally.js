import { defineInlineProjection, only } from 'troupe';
import { tally } from './tally.js';

export { tally };

/** Each token once in the whole log; a token that begins with "sleep" never comes to an end. */
export const tokens = defineInlineProjection({
  name: 'tokens',
  version: 1,
  on: [only(tally, 'added')],
  setup: (tx) =>
    tx.query(`CREATE TABLE ${tx.table('once')} (token text PRIMARY KEY, position bigint NOT NULL)`),
  async handle(events, tx) {
    await tx.query(
      `INSERT INTO ${tx.table('once')} SELECT * FROM unnest($1::text[], $2::bigint[])`,
      [events.map(({ data }) => data.token), events.map(({ position }) => position)],
    );
    if (events.some(({ data }) => data.token.startsWith('sleep')))
      await tx.query('SELECT pg_sleep(60)');
  },
});
