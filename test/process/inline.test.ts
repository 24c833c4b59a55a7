import { startRuntime } from 'troupe';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useDatabase } from '../threads/support/use-database.js';
import { add, tallyOf } from '../threads/support/workload.js';
import { Child } from './support/child.js';

const db = useDatabase();
const domain = new URL('../threads/support/inline-tally.js', import.meta.url);
const script = new URL('./support/inline-process.js', import.meta.url);

async function tokens(): Promise<string[]> {
  const { rows } = await db.admin.query<{ token: string }>(
    `SELECT token FROM ${db.schema}.inline_tokens_v1_once ORDER BY position`,
  );
  return rows.map(({ token }) => token);
}

it('a process that is killed in the middle of an inline projection leaves neither its events nor its rows', async () => {
  const child = new Child(script, { URL_OF_DATABASE: db.url, SCHEMA: db.schema });
  await child.wrote(1);
  await eventually(async () => {
    const { rows } = await db.admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'`,
    );
    expect(rows).toHaveLength(1);
  });
  await child.kill();
  // The server notices it only between two statements, and lets none take more than five seconds.
  await eventually(async () => expect(await db.sessions('%')).toEqual([]));
  expect(child.lines).toEqual(['stored']);
  expect((await db.rows()).map((row) => row.data.token)).toEqual(['one']);
  expect(await tokens()).toEqual(['one']);

  const runtime = await db.start({ domain });
  expect(await tallyOf(runtime).send('a', add('two'))).toMatchObject({ version: 2 });
  expect(await tokens()).toEqual(['one', 'two']);
});

it.each([0, 2])(
  'runs with shards: %d, and a constraint fails the one command that breaks it',
  async (shards) => {
    const runtime = await db.start({ domain, shards });
    const client = tallyOf(runtime);
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) => client.send(`id-${i % 7}`, add(`token-${i % 59}`))),
    );
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toMatchObject({
      ...{ name: 'InlineProjectionFailed', code: 'InlineProjectionFailed', outcome: 'failed' },
      details: { projection: 'tokens', version: 1, aggregate: 'tally', command: 'add' },
      cause: { code: '23505' },
    });
    expect(await tokens()).toEqual((await db.rows()).map((row) => row.data.token));
    expect(await runtime.inlineProjections()).toMatchObject([{ name: 'tokens', state: 'active' }]);

    // A runtime without it is refused, until it is removed.
    const without = await startRuntime({
      domain: new URL('../threads/support/tally.js', import.meta.url),
      ...{ store: db.store(), shards },
    });
    db.closeAfterTest(() => without.stop());
    const refused = tallyOf(without).send('id-0', add('other'));
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'InlineProjectionsDiffer', outcome: 'refused' },
      details: { needed: ['tokens@1'], runs: [] },
    });
    await without.removeInlineProjection('tokens');
    await tallyOf(without).send('id-0', add('other'));
    await client.send('id-0', add('other'));
  },
);
