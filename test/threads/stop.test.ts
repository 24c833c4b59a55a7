import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { useWire } from './support/use-wire.js';
import { expectNoLostUpdate, linger, mark, spin, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const wire = useWire(db);

describe.each([0, 2])('stopping a runtime with %i threads', (shards) => {
  it('finishes what is under way, refuses what comes, and leaves no connection, thread or writer', async () => {
    const threads = watchThreads();
    const runtime = await db.start({ shards });
    const client = tallyOf(runtime);
    const load = new Workload(client);
    for (let i = 0; i < 1000; i++) void load.send(`id-${i % 7}`);
    const stopping = runtime.stop();
    const stopped = { code: 'Stopping', outcome: 'refused' };
    await expect(client.send('a', { type: 'look', data: {} })).rejects.toMatchObject(stopped);
    await expect(client.state('a')).rejects.toMatchObject(stopped);
    await expect(client.events('id-1').next()).rejects.toMatchObject(stopped);
    await Promise.all([stopping, runtime.stop()]);
    expect(load.with('accepted')).toHaveLength(1000);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
    expect(threads.size).toBe(0);
    await eventually(async () => expect(await db.sessions('%')).toEqual([]));
    const { rows: writers } = await db.admin.query(`SELECT * FROM ${db.schema}.writers`);
    expect(writers).toEqual([]);
  });

  it('writes the snapshots that are due', async () => {
    const runtime = await db.start({ shards });
    const load = new Workload(tallyOf(runtime));
    for (let i = 0; i < 30; i++) void load.send('long');
    for (let i = 0; i < 10; i++) void load.send('short');
    await load.settled();
    await runtime.stop();
    const { rows } = await db.admin.query(`SELECT id, version::int FROM ${db.schema}.snapshots`);
    expect(rows).toEqual([{ id: 'long', version: 30 }]);
  });

  it.each(['cut', 'freeze'] as const)(
    'is bounded when the database is away (%s): decided commands are unknown, others refused',
    async (fault) => {
      const runtime = await db.start({ shards, store: db.store(wire().url) });
      const load = new Workload(tallyOf(runtime));
      await load.send('a');
      wire()[fault]();
      const decided = flag();
      const unknown = load.send('a', mark(decided.path));
      await decided.reached();
      const refused = load.send('cold');
      await expectWithin(4000, () => runtime.stop({ drainMs: 300 }));
      expect((await unknown).error).toMatchObject({ code: 'OutcomeUnknown' });
      expect((await refused).error).toMatchObject({ code: 'Stopping' });
      expect(await db.rows()).toHaveLength(1);
    },
  );

  it('is bounded when it has nothing to do and the database does not answer', async () => {
    const runtime = await db.start({ shards, store: db.store(wire().url) });
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    wire().freeze();
    await expectWithin(4000, () => runtime.stop({ drainMs: 300 }));
  });

  it('does not wait longer for a decider that waits', async () => {
    const runtime = await db.start({ shards });
    const load = new Workload(tallyOf(runtime));
    const end = flag();
    const lingering = load.send('a', linger(end.path));
    await end.reached();
    await expectWithin(4000, () => runtime.stop({ drainMs: 300 }));
    expect((await lingering).error).toMatchObject({ code: 'OutcomeUnknown' });
    end.raise();
    if (shards === 0) await end.left(); // a thread is gone
    const observer = await db.start();
    expect(await observer.outcome((await lingering).error as never)).toEqual({
      kind: 'notExecuted',
    });
    expect(await db.rows()).toEqual([]);
  });
});

it('stopping ends a thread that is blocked', async () => {
  const threads = watchThreads();
  const runtime = await db.start();
  const load = new Workload(tallyOf(runtime));
  const end = flag();
  const blocked = load.send('a', spin(end.path));
  await end.reached();
  await expectWithin(4000, () => runtime.stop({ drainMs: 300 }));
  expect((await blocked).error).toMatchObject({ code: 'OutcomeUnknown' });
  expect(threads.size).toBe(0);
});

it('several runtimes live in one process: on one log, and on logs of their own', async () => {
  const [one, two] = await Promise.all([db.start(), db.start({ shards: 0 })]);
  const other = await db.start({ store: { ...db.store(), schema: `${db.schema}_other` } });
  const loads = [one, two, other].map((runtime) => new Workload(tallyOf(runtime)));
  for (let i = 0; i < 100; i++) for (const load of loads) void load.send(`id-${i % 3}`);
  await one!.stop();
  await Promise.all(loads.map((load) => load.settled()));
  for (const load of loads) expect(load.with('accepted')).toHaveLength(100);
  const rows = await db.rows();
  expect(rows).toHaveLength(200);
  expectNoLostUpdate(rows);
  loads[0]!.expectTruth(rows);
  loads[1]!.expectTruth(rows);
  expect((await loads[1]!.send('id-0')).kind).toBe('accepted');
});

async function expectWithin(ms: number, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  expect(performance.now() - start).toBeLessThan(ms);
}
