import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isTroupeError, startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { account } from './domain.js';
import { owners } from './owners.js';

it('lets an owner have one account only', async () => {
  const postgres = await embeddedPostgres();
  const runtime = await startRuntime({
    domain: { account, owners },
    // A log of its own for each run: the table is filled from whatever is in the log.
    store: { kind: 'postgres', url: postgres.url, schema: `test_${Date.now()}` },
    shards: 0,
  });
  const accounts = runtime.aggregate(account);
  const open = { type: 'open', data: { owner: 'mia' } } as const;
  await accounts.create(open, { id: 'a' });

  await assert.rejects(accounts.create(open, { id: 'b' }), (error) =>
    isTroupeError(error, 'InlineProjectionFailed'),
  );
  assert.equal(await accounts.state('b'), undefined);

  await runtime.stop();
  await postgres.stop();
});
