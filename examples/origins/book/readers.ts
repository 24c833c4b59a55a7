import {
  defineHandler,
  defineProjection,
  definePublication,
  defineView,
  ndjsonFile,
  only,
} from 'troupe';
import { book } from './domain.js';

/** `eventual_view`: what is left of each book, a moment after it was sold. */
export const shelf = defineView({
  name: 'shelf',
  version: 1,
  on: [book],
  key: (event) => event.id,
  initial: { leftover: 10 },
  columns: { leftover: 'integer' },
  evolve: ({ leftover }, { type, data }) => ({
    leftover: type === 'bought' ? leftover - data.copies : leftover + data.copies,
  }),
});

/** A handler with SQL of its own, in one transaction with its checkpoint. */
export const takings = defineProjection({
  name: 'takings',
  version: 1,
  on: [only(book, 'bought')],
  setup: (tx) =>
    tx.query(`CREATE TABLE ${tx.table('days')} (day date PRIMARY KEY, cents bigint NOT NULL)`),
  handle: (event, tx) =>
    tx.query(
      `INSERT INTO ${tx.table('days')} AS t VALUES ($1, $2)
       ON CONFLICT (day) DO UPDATE SET cents = t.cents + EXCLUDED.cents`,
      [event.occurredAt.toISOString().slice(0, 10), String(event.data.cents)],
    ),
});

/** `saga`, a handler that sends commands: of every five that are sold, one is printed again. */
export const reprint = defineHandler({
  name: 'reprint',
  version: 1,
  on: [only(book, 'bought')],
  async handle({ id, data }, context) {
    const copies = Math.floor(data.copies / 5);
    if (copies > 0) await context.send(book, id, { type: 'bringBack', data: { copies } });
  },
});

/** `EventBus`: what other systems hear of. */
export const bus = definePublication({
  name: 'bus',
  version: 1,
  on: [book],
  to: () => ndjsonFile('books.ndjson'),
});
