import {
  defineAggregate,
  defineHandler,
  defineProjection,
  definePublication,
  defineView,
  ndjsonFile,
  only,
  upsert,
} from 'troupe';
import { tally } from './tally.js';

export { tally };

/**
 * A domain with one reader of each kind, that misbehave for tokens that ask for it.
 */

/**
 * @template T
 * @typedef {import('@standard-schema/spec').StandardSchemaV1<T>} Schema
 */
const anything = /** @type {Schema<any>} */ ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
});

export const mirror = defineAggregate({
  name: 'mirror',
  commands: { note: upsert(/** @type {Schema<{ token: string }>} */ (anything)) },
  events: { noted: /** @type {Schema<{ token: string }>} */ (anything) },
  errors: { REFUSED: { number: 1, status: 409, message: 'It does not want it' } },
  initialState: {},
  decide: {
    note: (_state, data, context) =>
      data.token === 'refuse' ? context.reject('REFUSED') : [context.event.noted(data)],
  },
  evolve: { noted: (state) => state },
});

/** How many events each tally has, and which was the last. */
export const tallies = defineView({
  name: 'tallies',
  version: 1,
  on: [tally],
  key: (event) => event.id,
  initial: { seen: 0, version: 0, inOrder: true },
  columns: { seen: 'integer' },
  evolve(doc, event) {
    const { token } = event.data;
    if (token.startsWith('poison')) throw new Error('poison');
    return {
      seen: doc.seen + 1,
      version: event.version,
      inOrder: doc.inOrder && event.version === doc.version + 1,
    };
  },
});

export const tokens = defineProjection({
  name: 'tokens',
  version: 1,
  on: [tally],
  setup: (tx) =>
    tx.query(`CREATE TABLE ${tx.table('all')} (position bigint, token text, n bigserial)`),
  handleBatch: (events, tx) =>
    tx.query(`INSERT INTO ${tx.table('all')} SELECT * FROM unnest($1::bigint[], $2::text[])`, [
      events.map((event) => event.position),
      events.map((event) => event.data.token),
    ]),
});

export const echo = defineHandler({
  name: 'echo',
  version: 1,
  on: [only(tally, 'added')],
  from: 'beginning',
  async handle(event, context) {
    const { token } = event.data;
    if (token.startsWith('throw')) throw new Error('thrown');
    if (token.startsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 5000));
    if (!token.startsWith('refuse'))
      return void (await context.send(mirror, event.id, { type: 'note', data: { token } }));
    try {
      await context.send(mirror, event.id, { type: 'note', data: { token: 'refuse' } });
    } catch (error) {
      const { name, code, shortCode, status } = /** @type {import('troupe').CommandRejected} */ (
        error
      );
      const said = `${name} ${code} ${shortCode} ${status}`;
      await context.send(mirror, event.id, { type: 'note', data: { token: said } });
    }
  },
});

export const out = definePublication({
  name: 'out',
  version: 1,
  on: [mirror],
  to: () => ndjsonFile(String(process.env.OUT_FILE)),
});
