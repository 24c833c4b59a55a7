import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { defineAggregate, event, upsert } from 'troupe';

/**
 * The domain of these tests: counts, and misbehaves when asked to. JavaScript, so that threads of the
 * built package start without a loader; in the host's thread it does not end the process.
 */

/**
 * @template T
 * @typedef {import('@standard-schema/spec').StandardSchemaV1<T>} Schema
 */
/** @typedef {'validate' | 'decide' | 'event schema' | 'evolve'} Place */
/** @typedef {{ token: string, times?: number }} Add */
/** @typedef {{ token: string, deaths: number }} Deadly */
/** @typedef {{ token: string, file: string, where?: Place }} Slow */
/** @typedef {{ token: string, count: number, attempt?: number }} Counted */

/** @type {(validate: (value: unknown) => void) => Schema<unknown>} */
const schema = (validate) => ({
  '~standard': {
    ...{ version: 1, vendor: 'test' },
    validate(value) {
      validate(value);
      return { value };
    },
  },
});
const anything = schema(() => undefined);

const LONGEST_MS = 20_000;

/** Blocks the thread until the file is there, if this is the place to do so. */
/** @type {(place: Place, slow: Slow) => void} */
function spin(place, { file, where = 'decide' }) {
  if (where !== place) return;
  writeFileSync(`${file}.reached`, '');
  const end = Date.now() + LONGEST_MS;
  while (!existsSync(file) && Date.now() < end);
}

/** @type {(place: Place) => Schema<unknown>} */
const spinning = (place) => schema((value) => spin(place, /** @type {Slow} */ (value)));

export const tally = defineAggregate({
  name: 'tally',
  commands: {
    add: upsert(/** @type {Schema<Add>} */ (anything)),
    take: upsert(/** @type {Schema<{ token: string }>} */ (anything)),
    look: upsert(/** @type {Schema<{}>} */ (anything)),
    fail: upsert(/** @type {Schema<{}>} */ (anything)),
    exit: upsert(/** @type {Schema<Deadly>} */ (anything)),
    throwLater: upsert(/** @type {Schema<Deadly>} */ (anything)),
    forgetPromise: upsert(/** @type {Schema<Deadly>} */ (anything)),
    mark: upsert(/** @type {Schema<Slow>} */ (anything)),
    spin: upsert(/** @type {Schema<Slow>} */ (spinning('validate'))),
    linger: upsert(/** @type {Schema<Slow>} */ (anything)),
  },
  events: {
    added: event({
      schema: /** @type {Schema<Counted>} */ (anything),
      encode: (data) => data,
      decode(/** @type {Counted} */ data) {
        if (data.token === 'gate' && process.env.POISONED === 'decode') process.exit(1);
        return data;
      },
    }),
    taken: /** @type {Schema<Counted>} */ (anything),
    spun: /** @type {Schema<Counted & Slow>} */ (spinning('event schema')),
  },
  errors: { EMPTY: { number: 1, status: 409, message: 'Nothing is left' } },
  initialState: { count: 0, steps: 0 },
  decide: {
    add: ({ steps }, { token, times = 1 }, { event }) =>
      Array.from({ length: times }, (_, i) => event.added({ token, count: steps + 1 + i })),
    take({ count, steps }, { token }, context) {
      if (count === 0) return context.reject('EMPTY');
      return [context.event.taken({ token, count: steps + 1 })];
    },
    look: () => [],
    fail() {
      throw new RangeError('a mistake of the domain');
    },
    exit({ steps }, { token, deaths }, { attempt, event }) {
      if (attempt <= deaths && !isMainThread) process.exit(3);
      return [event.added({ token, count: steps + 1, attempt })];
    },
    throwLater({ steps }, { token, deaths }, { attempt, event }) {
      const mistake = () => {
        throw new Error('thrown out of band');
      };
      if (attempt <= deaths && !isMainThread) setImmediate(mistake);
      return [event.added({ token, count: steps + 1, attempt })];
    },
    forgetPromise(_state, { deaths }, { attempt }) {
      const mistake = async () => {
        throw new Error('nobody waits for this');
      };
      if (attempt <= deaths && !isMainThread) void mistake();
      return [];
    },
    mark({ steps }, { token, file }, { event }) {
      writeFileSync(`${file}.reached`, '');
      return [event.added({ token, count: steps + 1 })];
    },
    spin({ steps }, data, { event }) {
      spin('decide', data);
      return [event.spun({ ...data, count: steps + 1 })];
    },
    linger: {
      async durable({ steps }, { token, file }, { attempt, event }) {
        writeFileSync(`${file}.reached`, '');
        const end = Date.now() + LONGEST_MS;
        while (!existsSync(file) && Date.now() < end)
          await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync(`${file}.left`, '');
        return [event.added({ token, count: steps + 1, attempt })];
      },
    },
  },
  evolve: {
    added: ({ count, steps }) => ({ count: count + 1, steps: steps + 1 }),
    taken: ({ count, steps }) => ({ count: count - 1, steps: steps + 1 }),
    spun({ count, steps }, data) {
      spin('evolve', data);
      return { count: count + 1, steps: steps + 1 };
    },
  },
});
