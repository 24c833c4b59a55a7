import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { defineAggregate, upsert } from 'troupe';

/**
 * The domain of these tests: counts, and misbehaves when asked to. JavaScript, so that threads of the
 * built package start without a loader.
 */

/**
 * Takes whatever is sent.
 * @template T
 * @returns {import('@standard-schema/spec').StandardSchemaV1<T>}
 */
const anything = () => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value: /** @type {T} */ (value) }),
  },
});

/** @typedef {{ token: string, times?: number }} Add */
/** @typedef {{ token: string, deaths: number }} Deadly */
/** @typedef {{ token: string, file: string }} Slow */

const LONGEST_MS = 20_000;

export const tally = defineAggregate({
  name: 'tally',
  commands: {
    add: upsert(/** @type {typeof anything<Add>} */ (anything)()),
    take: upsert(/** @type {typeof anything<{ token: string }>} */ (anything)()),
    look: upsert(/** @type {typeof anything<{ size?: number }>} */ (anything)()),
    fail: upsert(/** @type {typeof anything<{}>} */ (anything)()),
    exit: upsert(/** @type {typeof anything<Deadly>} */ (anything)()),
    throwLater: upsert(/** @type {typeof anything<Deadly>} */ (anything)()),
    forgetPromise: upsert(/** @type {typeof anything<Deadly>} */ (anything)()),
    mark: upsert(/** @type {typeof anything<Slow>} */ (anything)()),
    spin: upsert(/** @type {typeof anything<Slow>} */ (anything)()),
    linger: upsert(/** @type {typeof anything<Slow>} */ (anything)()),
  },
  events: {
    added: /** @type {typeof anything<{ token: string, count: number, attempt?: number }>} */ (
      anything
    )(),
    taken: /** @type {typeof anything<{ token: string, count: number }>} */ (anything)(),
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
      if (attempt <= deaths && !isMainThread) {
        setImmediate(() => {
          throw new Error('thrown out of band');
        });
      }
      return [event.added({ token, count: steps + 1, attempt })];
    },
    forgetPromise(_state, { deaths }, { attempt }) {
      if (attempt <= deaths && !isMainThread)
        void Promise.reject(new Error('nobody waits for this'));
      return [];
    },
    mark({ steps }, { token, file }, { event }) {
      writeFileSync(`${file}.decided`, '');
      return [event.added({ token, count: steps + 1 })];
    },
    spin({ steps }, { token, file }, { event }) {
      writeFileSync(`${file}.decided`, '');
      const end = Date.now() + LONGEST_MS;
      while (!existsSync(file) && Date.now() < end);
      return [event.added({ token, count: steps + 1 })];
    },
    linger: {
      async durable({ steps }, { token, file }, { attempt, event }) {
        writeFileSync(`${file}.decided`, '');
        const end = Date.now() + LONGEST_MS;
        while (!existsSync(file) && Date.now() < end)
          await new Promise((resolve) => setTimeout(resolve, 5));
        return [event.added({ token, count: steps + 1, attempt })];
      },
    },
  },
  evolve: {
    added: ({ count, steps }) => ({ count: count + 1, steps: steps + 1 }),
    taken: ({ count, steps }) => ({ count: count - 1, steps: steps + 1 }),
  },
});
