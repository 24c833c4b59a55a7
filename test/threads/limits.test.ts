import { describe, expect, it } from 'vitest';
import { flag } from './support/flag.js';
import { useDatabase } from './support/use-database.js';
import { add, spin, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();

describe('while a shard is blocked', () => {
  it('the host refuses at once what is more than it may have under way, and the rest is executed', async () => {
    const runtime = await db.start({ maxInFlight: 10 });
    const load = new Workload(tallyOf(runtime));
    const end = flag();
    void load.send('a', spin(end.path));
    await end.reached();
    for (let i = 0; i < 9; i++) void load.send('a');
    expect(runtime.inFlight).toEqual([10]);
    expect((await load.send('a')).error).toMatchObject({
      ...{ code: 'Overloaded', outcome: 'refused', details: { retryAfterMs: expect.any(Number) } },
    });
    end.raise();
    await load.settled();
    expect(load.with('accepted')).toHaveLength(10);
    expect(runtime.inFlight).toEqual([0]);
    load.expectTruth(await db.rows());
  });

  it('the host refuses what has more bytes than it may have under way', async () => {
    const client = tallyOf(await db.start({ maxInFlightBytes: 20_000 }));
    const [first, second] = [add('x'.repeat(15_000)), add('y'.repeat(15_000))];
    const sent = client.send('a', first);
    await expect(client.send('a', second)).rejects.toMatchObject({ code: 'Overloaded' });
    await sent;
    expect(await client.send('a', second)).toMatchObject({ version: 2 });
  });

  it('a command can be aborted until it is decided', async () => {
    const client = tallyOf(await db.start());
    const end = flag();
    const caller = new AbortController();
    const { signal } = caller;
    const running = client.send('a', spin(end.path)('one'), { signal });
    await end.reached();
    const waiting = expect(client.send('a', add('two'), { signal })).rejects.toMatchObject({
      ...{ code: 'Aborted', outcome: 'refused' },
    });
    const other = client.send('a', add('three'));
    caller.abort();
    end.raise();
    expect(await running).toMatchObject({ version: 1 });
    await waiting;
    expect(await other).toMatchObject({ version: 2 });
  });
});
