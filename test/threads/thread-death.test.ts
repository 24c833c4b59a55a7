import { randomInt } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { noticesOf, shardsOf, watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import {
  add,
  addTwo,
  exit,
  expectNoLostUpdate,
  forgetPromise,
  linger,
  look,
  spin,
  take,
  tallyOf,
  throwLater,
  Workload,
} from './support/workload.js';

const db = useDatabase();
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);

describe('a thread that ends', () => {
  it.each([
    ['by process.exit in a decider', exit],
    ['by an error thrown out of band', throwLater],
  ])('%s is replaced, and each command under way is executed once, in order', async (_, deadly) => {
    const runtime = await db.start({ shards: 2 });
    const load = new Workload(tallyOf(runtime));
    const notices = noticesOf(runtime);
    for (let i = 0; i < 600; i++) void load.send(ids[i % ids.length]!, i % 3 ? undefined : addTwo);
    void load.send('id-5', deadly(1));
    for (let i = 0; i < 600; i++) void load.send(ids[i % ids.length]!);
    await load.settled();

    expect(load.with('accepted')).toHaveLength(1201);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
    expect(
      shardsOf(runtime)
        .map((shard) => shard.restarts)
        .sort(),
    ).toEqual([0, 1]);
    expect(notices).toEqual([
      expect.stringMatching(/^degraded: shard \d ended and is replaced: /),
      expect.stringMatching(/^recovered: shard \d runs again$/),
    ]);
  });

  it('from outside, again and again under load, costs no command and stores none twice', async () => {
    const threads = watchThreads();
    const runtime = await db.start({ shards: 2 });
    const load = new Workload(tallyOf(runtime));
    let deaths = 0;
    const running = load.run(ids, 60, () => deaths === 12);
    for (; deaths < 12; deaths++) {
      const accepted = load.with('accepted').length;
      await eventually(
        () => expect(load.with('accepted').length).toBeGreaterThan(accepted + randomInt(100)),
        1,
      );
      // Both may be on their way out, or not back yet.
      await eventually(() => expect(threads.size).toBeGreaterThan(0), 1);
      const alive = [...threads];
      await alive[randomInt(alive.length)]!.terminate();
    }
    await running;
    await load.settled();
    expect(load.with('accepted')).toHaveLength(load.sent.length);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
  });

  it('twice by the same command fails that command alone', async () => {
    const runtime = await db.start();
    const load = new Workload(tallyOf(runtime));
    for (const id of ids) void load.send(id);
    const culprit = load.send('id-3', exit(99));
    for (const id of ids) void load.send(id);
    expect((await culprit).error).toMatchObject({
      ...{ code: 'CommandFailed', outcome: 'failed' },
      message: expect.stringContaining('tally.exit on id-3 ended its thread 2 times'),
    });
    await load.settled();
    expect(load.with('accepted')).toHaveLength(2 * ids.length);
    expect((await load.send('id-3')).kind).toBe('accepted');
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
    expect(shardsOf(runtime)[0]!.restarts).toBe(2);
  });

  it('again and again, and nothing tells by which command: that one is found and failed alone', async () => {
    const runtime = await db.start();
    const load = new Workload(tallyOf(runtime));
    for (let i = 0; i < 100; i++) void load.send(ids[i % ids.length]!);
    const culprit = load.send('alone', forgetPromise(99)); // nothing overtakes it on its id
    for (let i = 0; i < 100; i++) void load.send(ids[i % ids.length]!);
    expect((await culprit).error).toMatchObject({ code: 'CommandFailed' });
    await load.settled();
    expect(load.with('accepted')).toHaveLength(200);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
  });

  it("while a decider waits for something is not that command's fault, however often", async () => {
    const threads = watchThreads();
    const runtime = await db.start();
    const load = new Workload(tallyOf(runtime));
    const [one, two] = [flag(), flag()];
    void load.send('a', linger(one.path));
    void load.send('b', linger(two.path));
    await Promise.all([one.reached(), two.reached()]);
    await endAll(threads);
    one.forget();
    two.forget();
    await Promise.all([one.reached(), two.reached()]);
    await endAll(threads);
    one.raise();
    two.raise();
    await load.settled();
    expect(load.with('accepted')).toHaveLength(2);
    const rows = await db.rows();
    load.expectTruth(rows);
    expect(rows.map((row) => row.data.attempt)).toEqual([3, 3]);
  });

  it('answers the queries that it had', async () => {
    const threads = watchThreads();
    const runtime = await db.start();
    const client = tallyOf(runtime);
    await client.send('a', add('one'));
    const end = flag();
    const blocking = client.send('a', spin(end.path)('two'));
    await end.reached();
    const [state, missing, events] = [client.state('a'), client.state('b'), client.events('a')];
    const page = events.next();
    await endAll(threads);
    end.raise();
    await blocking;
    expect(await state).toMatchObject({ version: 2, state: { count: 2 } });
    expect(await missing).toBe(undefined);
    expect((await page).value).toMatchObject({ version: 1, data: { token: 'one' } });
  });

  it('leaves repeated keys with their first outcome: accepted, rejected and without events', async () => {
    const threads = watchThreads();
    const runtime = await db.start();
    const client = tallyOf(runtime);
    const keyed = (key: string) => ({ idempotencyKey: key });
    const rejected = await client.trySend('a', take('early'), keyed('take'));
    const idle = await client.send('a', look, keyed('look'));
    const added = await client.send('a', add('one'), keyed('add'));
    await endAll(threads);
    // Each would be decided otherwise by now.
    expect(await client.trySend('a', take('early'), keyed('take'))).toEqual({
      ...rejected,
      deduplicated: true,
    });
    expect(await client.send('a', look, keyed('look'))).toMatchObject({
      version: 0,
      deduplicated: true,
    });
    expect(await client.send('a', add('one'), keyed('add'))).toMatchObject({
      ...{ version: 1, deduplicated: true, events: added.events },
    });
    expect(idle.version).toBe(0);
    expect(await db.rows()).toHaveLength(1);
  });
});

async function endAll(threads: ReadonlySet<Worker>): Promise<void> {
  await Promise.all([...threads].map((thread) => thread.terminate()));
}
