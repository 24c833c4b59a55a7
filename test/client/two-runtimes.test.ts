import { type Runtime, startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { account, deposit, grant } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';

describe('two runtimes on one schema', () => {
  it('lose no update on one id: the balance is the sum of all deposits', async () => {
    const both = await start({ account });
    const calls = Array.from({ length: 200 }, async (_, i) => {
      await new Promise((resolve) => setImmediate(resolve)); // interleaves the two
      return both[i % 2]!.aggregate(account).send('hot', grant(i + 1));
    });
    const versions = (await Promise.all(calls)).map((receipt) => receipt.version);
    expect(versions.sort((a, b) => a - b)).toEqual(versions.map((_, i) => i + 1));
    for (const runtime of both) {
      const state = await runtime.aggregate(account).state('hot');
      expect(state).toMatchObject({ version: 200, state: { balance: (200 * 201) / 2 } });
    }
  });

  it('each read what the other has written, at once', async () => {
    const [a, b] = await start({ account });
    await a.aggregate(account).send('x', grant(1));
    for (let i = 2; i <= 20; i++) {
      const [writer, reader] = i % 2 ? [a, b] : [b, a];
      const { position } = await writer.aggregate(account).send('x', deposit(1));
      expect(await reader.aggregate(account).state('x')).toMatchObject({ version: i, position });
    }
  });
});

describe('a clock of the domain', () => {
  it('tells when things happened; deadlines go by real time, however it stands', async () => {
    const clock = { now: () => Date.UTC(2011, 9, 1) };
    const [runtime] = await start({ account, clock });
    // Longer than it takes until somebody looks at the deadlines of what is under way.
    for (const end = performance.now() + 600; performance.now() < end; )
      await runtime.aggregate(account).send('x', grant(1));
    for await (const event of runtime.aggregate(account).events('x')) {
      expect(event.occurredAt.toISOString()).toBe('2011-10-01T00:00:00.000Z');
    }
  });
});

async function start(domain: object): Promise<[Runtime, Runtime]> {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  const both = await Promise.all([1, 2].map(() => startRuntime({ domain, store, shards: 0 })));
  onTestFinished(async () => void (await Promise.all(both.map((runtime) => runtime.stop()))));
  return both as [Runtime, Runtime];
}
