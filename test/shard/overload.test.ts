import { startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { account, grant } from '../support/account.js';
import { hold } from '../support/faults.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('overload', () => {
  it('of one mailbox refuses at once what comes on top, and nobody else', async () => {
    const one = await shards.start({ options: { mailboxSize: 3 } });
    const accounts = one.client(account);
    const [id, other] = [shards.id(), shards.id()];
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const waiting = [1, 2, 3].map((n) => accounts.send(id, grant(n)));
    await held.reached;
    await expect(accounts.send(id, grant(4))).rejects.toMatchObject({
      ...{ outcome: 'refused', code: 'Overloaded' },
      message: `The mailbox of account/${id} is full (3)`,
      details: { retryAfterMs: expect.any(Number) },
    });
    expect(await accounts.send(other, grant(1))).toMatchObject({ version: 1 });
    held.release();
    expect((await Promise.all(waiting)).map((receipt) => receipt.version)).toEqual([1, 2, 3]);
    expect(await accounts.send(id, grant(5))).toMatchObject({ version: 4 });
  });

  it('of a mailbox keeps no key of a refused command', async () => {
    const one = await shards.start({ options: { mailboxSize: 1 } });
    const accounts = one.client(account);
    const id = shards.id();
    const first = accounts.send(id, grant(1));
    const key = { idempotencyKey: 'key' };
    await expect(accounts.send(id, grant(2), key)).rejects.toMatchObject({ code: 'Overloaded' });
    await first;
    expect(await accounts.send(id, grant(2), key)).toMatchObject({
      version: 2,
      deduplicated: false,
    });
  });

  it('of a shard refuses what comes on top of the commands under way, with a hint when to retry', async () => {
    const runtime = await start({ maxInFlight: 5 });
    const accounts = runtime.aggregate(account);
    const results = await Promise.allSettled(
      [...Array(8).keys()].map((i) => accounts.send(`${i}`, grant(1))),
    );
    expect(results.map((it) => it.status)).toEqual([
      ...Array(5).fill('fulfilled'),
      ...Array(3).fill('rejected'),
    ]);
    expect(results[7]).toMatchObject({
      reason: {
        outcome: 'refused',
        code: 'Overloaded',
        details: { id: '7', retryAfterMs: expect.any(Number) },
      },
    });
    expect(runtime.inFlight).toEqual([0]);
    expect(await accounts.send('7', grant(1))).toMatchObject({ version: 1 });
  });

  it('of a shard counts bytes as well', async () => {
    const runtime = await start({ maxInFlightBytes: 3000 });
    const accounts = runtime.aggregate(account);
    const open = (i: number) =>
      accounts.create({ type: 'open', data: { owner: 'x'.repeat(500) } }, { id: `${i}` });
    const results = await Promise.allSettled([...Array(9).keys()].map(open));
    const refused = results.filter((it) => it.status === 'rejected');
    expect(refused.length).toBeGreaterThan(3);
    expect(refused[0]).toMatchObject({ reason: { code: 'Overloaded' } });
    expect(await open(100)).toMatchObject({ version: 1 });
  });
});

async function start(options: { maxInFlight?: number; maxInFlightBytes?: number }) {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  const runtime = await startRuntime({ domain: { account }, store, shards: 0, ...options });
  onTestFinished(() => runtime.stop());
  return runtime;
}
