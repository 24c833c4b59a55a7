import { writeFileSync } from 'node:fs';
import { CONSUMER } from 'troupe';

export { tally } from './tally.js';

/**
 * A domain with consumers: each writes what it gets into a table that the test has made, and misbehaves
 * for tokens that ask for it.
 */

/**
 * @param {string} name
 * @param {(event: import('troupe').FeedEvent) => void | Promise<void>} react
 * @returns {import('troupe').ConsumerSource}
 */
export function consumer(name, react = () => undefined) {
  return {
    [CONSUMER]: ({ schema }) => ({
      ...{ name, version: 1, fingerprint: 'a', from: 'beginning' },
      filter: { aggregates: ['tally'] },
      async handle(events, tx) {
        for (const event of events) await react(event);
        await tx.query(
          `INSERT INTO "${schema}".seen (name, position, id, version)
           SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::int[])`,
          [
            name,
            events.map((e) => e.position),
            events.map((e) => e.id),
            events.map((e) => e.version),
          ],
        );
      },
    }),
  };
}

/** @param {import('troupe').FeedEvent} event */
function tokenOf(event) {
  return /** @type {{ token: string }} */ (event.data).token;
}

/** @param {number} ms */
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Says that it has begun, and takes its time. */
async function slowly() {
  writeFileSync(`${process.env.SLOW_FILE}.reached`, '');
  await new Promise((resolve) => setTimeout(resolve, 100));
}

export const plain = consumer('plain');
export const wild = consumer('wild', (event) => {
  const token = tokenOf(event);
  if (token.startsWith('poison')) throw new Error('poison');
  if (token.startsWith('exit')) process.exit(7);
  while (token.startsWith('loop'));
  if (token === 'slow') return slowly();
  if (token.startsWith('block-')) block(Number(token.slice('block-'.length)));
  return undefined;
});
