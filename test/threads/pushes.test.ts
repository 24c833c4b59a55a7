import type { Worker } from 'node:worker_threads';
import type { Runtime } from 'troupe';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { eventually } from '../support/eventually.js';
import { idOn, noticesOf, watchThreads } from './support/inside.js';
import { expectEachOnce, feedsUrl, infoOf, makeSeen, seen } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`);
beforeEach(() => makeSeen(db));

const start = (shards: number) => db.start({ domain: feedsUrl, shards });
const pushesOf = async (runtime: Runtime) => (await runtime.metrics()).total.pushes;

it.each([0, 2])('shards: %i push what they commit, as the log has it', async (shards) => {
  const runtime = await start(shards);
  const load = new Workload(tallyOf(runtime));
  for (let i = 0; i < 600; i++) void load.send(ids[i % ids.length]!);
  await load.settled();
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  const { pushed, dropped } = await pushesOf(runtime);
  expect(pushed).toBeGreaterThan(0);
  expect(dropped).toBe(0);
  expect((await infoOf(runtime, 'plain'))!.fallbacks).toBe(0);
});

it('events are handled without a read of the log, but for the polls', async () => {
  const runtime = await start(0);
  const load = new Workload(tallyOf(runtime));
  await load.send('first');
  await expectEachOnce(db, 'plain');
  const { parts } = runtime as unknown as { parts: { store: Store } };
  // Of the class: the processor in this thread has a store of its own.
  const reads = vi.spyOn(Object.getPrototypeOf(parts.store) as Store, 'readAll');
  onTestFinished(() => reads.mockRestore());
  const began = performance.now();
  for (let i = 0; i < 400; i++) await load.send(ids[i % ids.length]!);
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  const polls = Math.floor((performance.now() - began) / 500) + 1;
  expect(reads.mock.calls.length).toBeLessThanOrEqual(polls);
});

it('a domain without consumers has no processor, and its shards push nothing', async () => {
  const threads = watchThreads();
  const runtime = await db.start({ shards: 2 });
  const load = new Workload(tallyOf(runtime));
  await Promise.all(ids.map((id) => load.send(id)));
  expect(threads.size).toBe(2);
  expect(await pushesOf(runtime)).toEqual({ pushed: 0, dropped: 0 });
});

it('commits out of order and rollbacks of others, between those of two shards, are passed in order', async () => {
  const runtime = await start(2);
  const load = new Workload(tallyOf(runtime));
  let isOver = false;
  const running = load.run(ids, 20, () => isOver);
  const lane = async (lane: number) => {
    const other = await db.stranger();
    for (let i = 1; i <= 25; i++) {
      await other.query('BEGIN');
      await other.query(
        `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
         VALUES (0, 'tally', $1, $2, 'added', $3, '{}', $4, now())`,
        [`lane-${lane}`, i, JSON.stringify({ token: 'x', count: i }), `lane-${lane}-${i}`],
      );
      if ((i + lane) % 3 === 0) await other.query('SELECT pg_sleep(0.02)');
      const isKept = (i * 7 + lane) % 4 !== 0;
      await other.query(isKept ? 'COMMIT' : 'ROLLBACK');
    }
  };
  await Promise.all([lane(1), lane(2), lane(3)]);
  isOver = true;
  await running;
  await load.settled();
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  expect((await infoOf(runtime, 'plain'))!.fallbacks).toBe(0);
});

it('shards and the processor replaced under load, again and again: nothing is lost or reordered', async () => {
  const threads = watchThreads();
  const runtime = await start(2);
  const notices = noticesOf(runtime);
  const load = new Workload(tallyOf(runtime));
  let isOver = false;
  const running = load.run(ids, 30, () => isOver);
  for (let i = 0; i < 6; i++) {
    const before = (await seen(db, 'plain')).length;
    await eventually(async () =>
      expect((await seen(db, 'plain')).length).toBeGreaterThan(before + 50),
    );
    const alive = [...threads] as Worker[];
    const recovered = notices.filter((it) => it.startsWith('recovered')).length;
    await alive[i % alive.length]!.terminate();
    await eventually(() =>
      expect(notices.filter((it) => it.startsWith('recovered')).length).toBeGreaterThan(recovered),
    );
  }
  isOver = true;
  await running;
  await load.settled();
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  const { pushed } = await pushesOf(runtime);
  await Promise.all(ids.map((id) => load.send(id)));
  await expectEachOnce(db, 'plain');
  expect((await pushesOf(runtime)).pushed).toBeGreaterThan(pushed); // the last lines are in use
}, 90_000);

it('H31 a processor that is blocked gets no more than its credit, then reads the log', async () => {
  const runtime = await start(1);
  const client = tallyOf(runtime);
  await client.send(idOn(0, 1), add('block-1200'));
  const sends = Array.from({ length: 60 }, (_, i) =>
    client.send(`big-${i}`, add('x'.repeat(400 * 1024))),
  );
  await Promise.all(sends);
  await eventually(async () => expect((await pushesOf(runtime)).dropped).toBeGreaterThan(0));
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  const last = await client.send('a', add('last'));
  await runtime.waitFor('wild', last.position);
  await eventually(async () =>
    expect((await infoOf(runtime, 'wild'))!.fallbacks).toBeGreaterThan(0),
  );
}, 60_000);
