import { defineView } from 'troupe';
import { account } from './domain.js';

/** What is in each account. */
export const balances = defineView({
  name: 'balances',
  version: 1,
  on: [account],
  key: (event) => event.id,
  initial: { cents: 0, movements: 0 },
  columns: { cents: 'bigint' },
  evolve: (doc, event) => ({
    cents: doc.cents + event.data.amount,
    movements: doc.movements + 1,
  }),
});

/** What came in on each day. */
export const days = defineView({
  name: 'days',
  version: 1,
  on: [account],
  key: (event) => event.occurredAt.toISOString().slice(0, 10),
  initial: { cents: 0, largest: 0 },
  columns: { cents: 'bigint', largest: 'integer' },
  evolve: (doc, event) => ({
    cents: doc.cents + event.data.amount,
    largest: Math.max(doc.largest, event.data.amount),
  }),
});

/** The last movement of each account. */
export const lastMovements = defineView({
  name: 'last-movements',
  version: 1,
  on: [account],
  key: (event) => event.id,
  initial: { reference: '', at: null as string | null },
  columns: { at: 'timestamptz' },
  evolve: (_doc, event) => ({
    reference: event.data.reference,
    at: event.occurredAt.toISOString(),
  }),
});
