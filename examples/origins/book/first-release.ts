import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const copies = z.object({ copies: z.int().positive() });

/** The book as it was first released: what it stored is still in the log. */
export const book = defineAggregate({
  name: 'book',
  commands: { buy: upsert(copies), bringBack: upsert(copies), view: upsert(z.object({})) },
  events: { bought: copies, returned: copies, viewed: z.object({}) },
  initialState: { leftover: 10 },
  decide: {
    buy: (_state, data, { event }) => [event.bought(data)],
    bringBack: (_state, data, { event }) => [event.returned(data)],
    view: (_state, _data, { event }) => [event.viewed({})],
  },
  evolve: {
    bought: ({ leftover }, { copies }) => ({ leftover: leftover - copies }),
    returned: ({ leftover }, { copies }) => ({ leftover: leftover + copies }),
    viewed: (state) => state,
  },
});
