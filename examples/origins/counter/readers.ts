import { defineHandler, defineView, only } from 'troupe';
import { counter } from './domain.js';

/** A projection of eventmill: what was counted on each day, over all counters. */
export const hitsPerDay = defineView({
  name: 'hits-per-day',
  version: 1,
  on: [only(counter, 'incremented')],
  key: (event) => event.occurredAt.toISOString().slice(0, 10),
  initial: { hits: 0 },
  columns: { hits: 'integer' },
  evolve: ({ hits }) => ({ hits: hits + 1 }),
});

/** `DispatchEvent`: each counter that is started has its first hit at once. */
export const firstHit = defineHandler({
  name: 'first-hit',
  version: 1,
  on: [only(counter, 'started')],
  handle: (event, context) => context.send(counter, event.id, { type: 'increment', data: {} }),
});
