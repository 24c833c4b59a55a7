import { create, defineAggregate, event } from 'troupe';
import { z } from 'zod';

const nothing = z.object({});

/** From eventmill: events with a namespace and a version, commands on the generation they were decided on. */
export const counter = defineAggregate({
  name: 'counter',
  namespace: 'https://example.org/counters',
  prefix: { code: 'COUNTER', number: 1 },
  commands: { start: create(nothing), increment: nothing },
  events: { started: nothing, incremented: event({ schema: nothing, version: 1 }) },
  errors: { FULL: { number: 1, status: 409, message: 'This counter goes no further' } },
  initialState: { hits: 0, lastHit: '' },
  // What a command may know of the world around its aggregate.
  services: () => ({ mostHits: 1000 }),
  decide: {
    start: (_state, _data, { event }) => [event.started({})],
    increment(state, _data, { event, services, reject }) {
      if (state.hits >= services.mostHits) return reject('FULL');
      return [event.incremented({})];
    },
  },
  evolve: {
    started: (state) => state,
    incremented: ({ hits }, _data, { occurredAt }) => ({
      hits: hits + 1,
      lastHit: occurredAt.toISOString(),
    }),
  },
});
