import { defineAggregate, defineHandler, defineView, only, upsert } from 'troupe';
import { z } from 'zod';
import { order } from './sagas.js';

export { job, order, processing } from './sagas.js';

/** An order, and all that follows from it beside its saga: a view, and a handler that sends a command. */
export const orders = defineView({
  name: 'orders',
  version: 1,
  on: [order],
  key: (event) => event.id,
  initial: { placed: 0 },
  columns: { placed: 'integer' },
  evolve: (document) => ({ placed: document.placed + 1 }),
});

export const letter = defineAggregate({
  name: 'letter',
  commands: { write: upsert(z.object({ poison: z.boolean() })) },
  events: { written: z.object({}) },
  initialState: {},
  decide: { write: (_state, _data, { event }) => [event.written({})] },
  evolve: { written() {} },
});

export const confirm = defineHandler({
  name: 'confirm',
  version: 1,
  on: [only(order, 'placed')],
  from: 'beginning',
  async handle(event, { send }) {
    if (event.id === 'poison') throw new TypeError('no letter for this one');
    await send(letter, event.id, { type: 'write', data: { poison: false } });
  },
});
