import pg from 'pg';
import { defineView, startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { serve } from './support/served.js';

const movements = defineView({
  ...{ name: 'movements', version: 1, on: [account], initial: { count: 0 } },
  key: ({ id }) => id,
  evolve: ({ count }) => ({ count: count + 1 }),
});
const by = { who: 'Ada', why: 'a test' };

describe('a rebuild over HTTP', () => {
  it('that takes its time is answered before it ends, which the audit tells', async () => {
    const schema = freshSchema();
    const store = { kind: 'postgres', url: databaseUrl(), schema } as const;
    const runtime = await startRuntime({ domain: { account, movements }, store, shards: 0 });
    onTestFinished(() => runtime.stop());
    const stranger = new pg.Client({ connectionString: databaseUrl() });
    await stranger.connect();
    onTestFinished(() => stranger.end());
    const { ask } = await serve(runtime, { verbs: true });
    await stranger.query(`BEGIN; LOCK TABLE "${schema}".views IN ACCESS EXCLUSIVE MODE`);
    const path = '/inspect/subscriptions/movements/rebuild';
    const { status, body } = await ask('POST', path, { body: by });
    expect([status, body]).toEqual([200, { result: 'started' }]);
    const entry = async () => (await ask('GET', '/inspect/audit')).body.items[0];
    const what = { verb: 'rebuild', aggregate: '$subscription', id: 'movements', ...by };
    expect(await entry()).toMatchObject(what);
    expect(await entry()).not.toHaveProperty('result');
    await stranger.query('ROLLBACK');
    await expect.poll(entry).toMatchObject({ ...what, result: 'done' });
  });
});
