import { defineProjection } from 'troupe';
import { loanApplication } from '../loan-application.js';

/** How many events of each type happened on each day, in UTC. */
export const dailyCounts = defineProjection({
  name: 'daily-counts',
  version: 1,
  on: [loanApplication],
  setup: (tx) =>
    tx.query(`CREATE TABLE ${tx.table('counts')} (
      day date NOT NULL, type text NOT NULL, number int NOT NULL, PRIMARY KEY (day, type))`),
  async handleBatch(events, tx) {
    const days = events.map((event) => event.occurredAt.toISOString().slice(0, 10));
    const types = events.map((event) => event.type);
    await tx.query(
      `INSERT INTO ${tx.table('counts')} AS c
       SELECT day, type, count(*) FROM unnest($1::date[], $2::text[]) AS e(day, type) GROUP BY day, type
       ON CONFLICT (day, type) DO UPDATE SET number = c.number + EXCLUDED.number`,
      [days, types],
    );
  },
});
