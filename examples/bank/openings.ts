import { defineProjection, only } from 'troupe';
import { account } from './domain.js';

/** How many accounts were opened on each day, in UTC. */
export const openings = defineProjection({
  name: 'openings',
  version: 1,
  on: [only(account, 'opened')],
  setup: (tx) =>
    tx.query(`CREATE TABLE ${tx.table('days')} (day date PRIMARY KEY, number int NOT NULL)`),
  handle: (event, tx) =>
    tx.query(
      `INSERT INTO ${tx.table('days')} AS d VALUES ($1, 1)
       ON CONFLICT (day) DO UPDATE SET number = d.number + 1`,
      [event.occurredAt.toISOString().slice(0, 10)],
    ),
});
