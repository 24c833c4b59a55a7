import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

/** The parcel as it was first written: one event for all, weights in pounds, times as text. */
export const firstParcel = defineAggregate({
  name: 'parcel',
  commands: { weigh: upsert(z.object({ pounds: z.number() })), look: upsert(z.object({})) },
  events: { weighed: z.object({ pounds: z.number() }) },
  initialState: { grams: 0 },
  snapshot: { every: 2, atPassivation: 0 },
  decide: {
    weigh: (_state, data, { event }) => [event.weighed(data)],
    look: () => [],
  },
  evolve: { weighed: (_state, { pounds }) => ({ grams: pounds }) },
});
