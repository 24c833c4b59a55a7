import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const plannedCall = z.object({
  application: z.string(),
  offer: z.int().positive(),
  /** First, second, … call for this offer. */
  call: z.int().positive(),
});

/** A call to a customer who has not answered an offer; its id is `<application>/<offer>/<call>`. */
export const followUpCall = defineAggregate({
  name: 'follow-up-call',
  commands: { schedule: create(plannedCall) },
  events: { scheduled: plannedCall },
  initialState: {},
  decide: { schedule: (_state, data, { event }) => [event.scheduled(data)] },
  evolve: { scheduled() {} },
});
