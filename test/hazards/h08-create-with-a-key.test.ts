import { startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { account, open } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const key = { idempotencyKey: 'order-4711' };

describe('H08 a keyed create without an id', () => {
  it('H08 lands on the same id the second time, in any process', async () => {
    const [a, b] = [await shards.start(), await shards.start()];
    const first = await a.client(account).create(open, key);
    const second = await a.client(account).create(open, key);
    const elsewhere = await b.client(account).create(open, key);
    expect(first.deduplicated).toBe(false);
    for (const again of [second, elsewhere]) {
      expect(again).toMatchObject({ id: first.id, version: 1, deduplicated: true });
    }
    expect(await shards.log(first.id)).toHaveLength(1);
  });

  it('H08 starts one stream when it is sent several times at once', async () => {
    const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
    const runtime = await startRuntime({ domain: { account }, store, shards: 0 });
    onTestFinished(() => runtime.stop());
    const receipts = await Promise.all(
      [1, 2, 3].map(() => runtime.aggregate(account).create(open, key)),
    );
    expect(new Set(receipts.map((receipt) => receipt.id)).size).toBe(1);
    expect(receipts.filter((receipt) => !receipt.deduplicated)).toHaveLength(1);
  });

  it('H08 differs by key, and without a key is new each time', async () => {
    const accounts = (await shards.start()).client(account);
    const options = [{}, {}, { idempotencyKey: 'a' }, { idempotencyKey: 'b' }];
    const receipts = await Promise.all(options.map((it) => accounts.create(open, it)));
    expect(new Set(receipts.map((receipt) => receipt.id)).size).toBe(4);
  });
});
