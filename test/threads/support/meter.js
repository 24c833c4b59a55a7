import { defineAggregate, event, upsert } from 'troupe';

/** A meter whose readings were once stored in another shape: JavaScript, as the domain of the other tests. */

/** @template T @typedef {import('@standard-schema/spec').StandardSchemaV1<T>} Schema */
/** @type {Schema<any>} */
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

export const meter = defineAggregate({
  name: 'meter',
  commands: { read: upsert(/** @type {Schema<{ watts: number }>} */ (anything)) },
  events: {
    readOut: event({
      version: 2,
      schema: /** @type {Schema<{ watts: number }>} */ (anything),
      upcast: {
        1: (/** @type {{ kilowatts: number }} */ { kilowatts }) => ({ watts: kilowatts * 1000 }),
      },
    }),
  },
  initialState: { sum: 0, readings: 0 },
  snapshot: { every: 10 },
  decide: { read: (_state, data, context) => [context.event.readOut(data)] },
  evolve: {
    readOut: ({ sum, readings }, { watts }) => ({ sum: sum + watts, readings: readings + 1 }),
  },
});
