import type { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { noticesOf, watchThreads } from './support/inside.js';
import { expectEachOnce, feedsUrl, infoOf, makeSeen, seen } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);
const startingLateUrl = new URL('./support/feeds-starting-late.js', import.meta.url);
const start = (shards = 1) => db.start({ domain: feedsUrl, shards });
beforeEach(() => makeSeen(db));

describe.each([0, 1])('with shards: %i', (shards) => {
  it('what is committed reaches every consumer, once and in order, and can be waited for', async () => {
    const runtime = await start(shards);
    const load = new Workload(tallyOf(runtime));
    for (let i = 0; i < 500; i++) void load.send(ids[i % ids.length]!);
    await load.settled();
    const { position } = await tallyOf(runtime).send('last', add('last'));
    await runtime.waitFor('plain', position);
    expect((await seen(db, 'plain')).at(-1)!.position).toBe(position);
    await expectEachOnce(db, 'plain');
    await expectEachOnce(db, 'wild');
    expect(await infoOf(runtime, 'plain')).toMatchObject({
      ...{ state: 'live', position, lag: 0, parked: 0, attempts: 0, error: undefined },
      owner: expect.stringContaining(`/${process.pid}/`),
    });
  });

  it('H34 who waits hears that it took too long, or that the event is parked; it is stored all the same', async () => {
    const runtime = await start(shards);
    await runtime.pause('plain');
    await eventually(async () => expect((await infoOf(runtime, 'plain'))!.state).toBe('paused'));
    const first = await tallyOf(runtime).send('a', add('one'));
    await expect(runtime.waitFor('plain', first.position, { timeoutMs: 50 })).rejects.toMatchObject(
      {
        code: 'WaitTimedOut',
        message: expect.stringMatching(/is stored, and plain has not reached it within 50 ms/),
      },
    );
    await runtime.resume('plain');
    await runtime.waitFor('plain', first.position);
    const poison = await tallyOf(runtime).send('a', add('poison'));
    const behind = await tallyOf(runtime).send('a', add('behind'));
    const other = await tallyOf(runtime).send('b', add('other'));
    await expect(runtime.waitFor('wild', poison.position)).rejects.toMatchObject({
      code: 'Parked',
    });
    await expect(runtime.waitFor('wild', behind.position)).rejects.toMatchObject({
      code: 'Parked',
      message: expect.stringContaining('waits behind the parked tally/a version 2: poison'),
    });
    await runtime.waitFor('wild', other.position);
    await expect(runtime.waitFor('none', 1)).rejects.toMatchObject({
      code: 'UnknownSubscription',
      message: expect.stringContaining('expected one of '),
    });
    const stream = { aggregate: 'tally', id: 'a' };
    const reason = { who: 'Ada', why: 'it was a test' };
    await expect(runtime.skipParked('wild', { ...stream, id: 'b' }, reason)).rejects.toMatchObject({
      code: 'NotParked',
    });
    await runtime.skipParked('wild', stream, reason);
    await runtime.waitFor('wild', behind.position);
    await eventually(async () => expect((await infoOf(runtime, 'wild'))!.parked).toBe(0));
    expect(await runtime.parked('wild', stream)).toMatchObject([
      { version: 2, resolved: 'skipped', resolvedBy: 'Ada' },
      { version: 3, resolved: 'retried' },
    ]);
  });
});

describe('the thread of the processor', () => {
  it('killed in the middle of batches leaves counts exact', async () => {
    const threads = watchThreads();
    const runtime = await start(2);
    const processor = [...threads].at(-1) as Worker;
    const load = new Workload(tallyOf(runtime));
    const running = load.run(ids, 60, () => load.sent.length > 3000);
    await eventually(async () => expect((await seen(db, 'plain')).length).toBeGreaterThan(300));
    await processor.terminate();
    await running;
    await load.settled();
    await expectEachOnce(db, 'plain');
    await expectEachOnce(db, 'wild');
    expect(load.with('accepted')).toHaveLength(load.sent.length);
    for (const name of ['plain', 'wild']) expect(await runtime.parked(name)).toEqual([]);
  });

  it.each([
    ['loop', 'an endless loop'],
    ['exit', 'process.exit'],
  ])(
    'H39 ended twice by one event (%s: %s) parks its stream for that consumer alone',
    async (token) => {
      const runtime = await start();
      const notices = noticesOf(runtime);
      await tallyOf(runtime).send('good', add('one'));
      const bad = await tallyOf(runtime).send('bad', add(token));
      const later = await tallyOf(runtime).send('bad', add('later'));
      const { position } = await tallyOf(runtime).send('good', add('two'));
      await runtime.waitFor('wild', position, { timeoutMs: 60_000 });
      await runtime.waitFor('plain', position);
      await expect(runtime.waitFor('wild', bad.position)).rejects.toMatchObject({ code: 'Parked' });
      await expect(runtime.waitFor('wild', later.position)).rejects.toMatchObject({
        code: 'Parked',
      });
      expect(await runtime.parked('wild')).toMatchObject([
        { id: 'bad', version: 1, error: { code: 'ProcessorEnded' } },
      ]);
      expect(await runtime.parked('plain')).toEqual([]);
      await expectEachOnce(db, 'plain');
      expect((await seen(db, 'wild')).map((row) => row.id)).toEqual(['good', 'good']);
      expect(notices.filter((it) => it.startsWith('degraded')).length).toBeGreaterThanOrEqual(2);
      expect(notices.at(-1)).toMatch(/Its stream is parked|runs again/);
    },
    120_000,
  );

  it.each(['loop', 'exit'])(
    'H39 ended by an event before all of it runs (%s) starts all the same, once their stream is parked',
    async (token) => {
      const before = await db.start();
      await tallyOf(before).send('bad', add(token));
      const { position } = await tallyOf(before).send('good', add('one'));
      await before.stop();
      const runtime = await db.start({ domain: startingLateUrl });
      await runtime.waitFor('wild', position, { timeoutMs: 60_000 });
      await runtime.waitFor('plain', position);
      expect(await runtime.parked('wild')).toMatchObject([{ id: 'bad', version: 1 }]);
      expect(await runtime.parked('plain')).toEqual([]);
      await expectEachOnce(db, 'plain');
    },
    120_000,
  );

  it('has ended what it was at when a pause returns', async () => {
    const slow = flag();
    process.env.SLOW_FILE = slow.path;
    onTestFinished(() => void delete process.env.SLOW_FILE);
    const runtime = await start();
    const { position } = await tallyOf(runtime).send('a', add('slow'));
    await slow.reached();
    const since = performance.now();
    await runtime.pause('wild');
    const isEarly = performance.now() - since < 500; // longer it does not wait
    if (isEarly) expect(await infoOf(runtime, 'wild')).toMatchObject({ state: 'paused', position });
  });

  it('H30 gets what was stored by a shard that died before it could tell, with nothing after it', async () => {
    const runtime = await start();
    await tallyOf(runtime).send('a', add('one'));
    // A script tells nobody, as a thread that ends between its commit and its next message.
    await db.admin.query(
      `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
       SELECT slice, aggregate, id, 2, type, schema_version, data, metadata, 'another', occurred_at FROM ${db.schema}.events WHERE id = 'a'`,
    );
    await expectEachOnce(db, 'plain');
  });
});

describe('runtime.subscribe', () => {
  it('yields from now on, from all processes, what is asked for', async () => {
    const [one, two] = [await start(), await start(0)];
    await tallyOf(one).send('a', add('before'));
    const events = one.subscribe({ aggregates: ['tally'], id: 'a', types: ['added'] });
    const { parts } = one as unknown as { parts: { store: { settledEnd(): Promise<number> } } };
    const now = vi.spyOn(parts.store, 'settledEnd');
    const next = events.next(); // begins
    await eventually(() => expect(now).toHaveResolved());
    await tallyOf(two).send('b', add('other'));
    await tallyOf(two).send('a', add('one'));
    await tallyOf(one).send('a', add('two'));
    expect((await next).value).toMatchObject({ id: 'a', data: { token: 'one' } });
    expect((await events.next()).value).toMatchObject({ id: 'a', data: { token: 'two' } });
    const all = two.subscribe({}, { from: 'beginning' });
    const positions = [];
    for (let i = 0; i < 4; i++) positions.push((await all.next()).value!.position);
    expect(positions).toEqual((await db.rows()).map((row) => row.position));
    const waiting = events.next();
    await one.stop();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(two.subscribe({ aggregates: ['tallly'] }).next()).rejects.toThrow(/tally/);
  });
});
