import type { ActorsOptions } from 'troupe';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_JSON_LIMITS } from '../../src/internal/json.js';
import { InspectionThread } from '../../src/threads/inspection-thread.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { insertEvent } from '../support/use-shards.js';
import { flag } from './support/flag.js';
import { idOn, watchThreads } from './support/inside.js';
import { meter } from './support/meter.js';
import { tallyUrl, useDatabase } from './support/use-database.js';
import { add, exit, spin, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const reason = { who: 'Ada', why: 'a test' };
const refused = { code: 'Quarantined', outcome: 'refused' };
const until = (check: () => void | Promise<void>) => eventually(check);

describe('a blocked shard', () => {
  it('is shown from shared memory with what blocks it, and nobody waits for it', async () => {
    const runtime = await db.start({ shards: 2 });
    const [stuck, free] = [idOn(0, 2), idOn(1, 2)];
    const { inspect } = runtime;
    for (const id of [stuck, free]) await tallyOf(runtime).send(id, add('t'));
    const end = flag();
    const sent = tallyOf(runtime).send(stuck, spin(end.path)('t'), { commandId: 'endless' });
    await end.reached();
    const running = { aggregate: 'tally', id: stuck, type: 'spin', commandId: 'endless' };
    expect(await inspect.shards()).toMatchObject([
      { shard: 0, condition: 'blocked', phase: 'decide', running, inFlight: 1, batch: undefined },
      { shard: 1, condition: 'running', phase: 'none', running: undefined, actors: 1 },
    ]);
    const list = await inspect.actors();
    expect(list).toMatchObject({ actors: [{ id: free, shard: 1 }], silent: [0], total: 1 });
    expect(await inspect.actor('tally', stuck)).toMatchObject({
      ...{ shard: 0, status: 'unknown', running, live: undefined, stream: { version: 1 } },
    });
    expect(await inspect.passivate('tally', stuck, reason)).toMatchObject({ result: 'unanswered' });
    end.raise();
    await sent;
    await until(async () =>
      expect(await inspect.shards()).toMatchObject([{ condition: 'running' }, {}]),
    );
    const [first, second] = await inspect.shards();
    expect(first?.thread).toBeTypeOf('number');
    expect(second?.thread).not.toBe(first?.thread);
    expect([...first!.slices, ...second!.slices].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 256 }, (_, slice) => slice),
    );
  });
});

describe('a quarantined actor', () => {
  it('is refused in all processes, after their restart, and by a replaced thread, until it is released', async () => {
    const runtime = await db.start();
    const other = await db.start();
    await tallyOf(runtime).send('a', add('1'));
    const done = await runtime.inspect.quarantine('tally', 'a', reason);
    expect(done).toMatchObject({ result: 'done' });
    await expect(tallyOf(runtime).send('a', add('2'))).rejects.toMatchObject({
      ...refused,
      details: { ...reason, aggregate: 'tally', id: 'a' },
    });
    await until(() => expect(tallyOf(other).send('a', add('3'))).rejects.toMatchObject(refused));
    // Its thread ends, and the next one knows from its very start.
    await tallyOf(runtime).send('b', exit(1)('4'));
    await expect(tallyOf(runtime).send('a', add('5'))).rejects.toMatchObject(refused);
    await Promise.all([runtime.stop(), other.stop()]);

    const again = await db.start();
    await expect(tallyOf(again).send('a', add('6'))).rejects.toMatchObject(refused);
    const { inspect } = again;
    expect(await inspect.actor('tally', 'a')).toMatchObject({
      ...{ status: 'quarantined', quarantine: reason },
    });
    await inspect.release('tally', 'a', { who: 'Bob', why: 'mended' });
    await tallyOf(again).send('a', add('7'));
    expect((await inspect.audit()).entries).toMatchObject([
      { verb: 'release', aggregate: 'tally', id: 'a', who: 'Bob', why: 'mended', result: 'done' },
      { verb: 'quarantine', who: 'Ada', why: 'a test', result: 'done' },
    ]);
    const before = (await db.rows()).filter(({ id }) => id === 'a').map(({ data }) => data.token);
    // What the other process took before it knew is there, and nothing that was refused.
    expect(before.filter((token) => token !== '3')).toEqual(['1', '7']);
  });
});

describe('time travel', () => {
  it('is the same with snapshots and old events as the state was then', async () => {
    const runtime = await db.start({ domain: new URL('./support/meter.js', import.meta.url) });
    for (let version = 1; version <= 15; version++) {
      const old = { type: 'readOut', schemaVersion: 1, data: `{"kilowatts":${version}}` };
      const row = eventRow({ aggregate: 'meter', id: 'm' }, version, old);
      await insertEvent(db.admin, db.schema, row);
    }
    const states = [{ sum: 0, readings: 0 }];
    for (let i = 1; i <= 15; i++) states.push({ sum: states[i - 1]!.sum + i * 1000, readings: i });
    for (let i = 16; i <= 40; i++) {
      const read = { type: 'read', data: { watts: i } } as const;
      const receipt = await runtime.aggregate(meter).send('m', read, { state: true });
      states.push(receipt.state as (typeof states)[number]);
    }
    const { inspect } = runtime;
    let snapshotVersion = 0;
    await until(async () => {
      snapshotVersion = (await inspect.actor('meter', 'm')).snapshot?.version ?? 0;
      expect(snapshotVersion).toBeGreaterThan(15);
    });
    for (const version of [0, 1, 9, 15, 16, snapshotVersion - 1, snapshotVersion, 39, 40])
      expect((await inspect.stateAt('meter', 'm', { version }))?.state, `${version}`).toEqual(
        states[version],
      );
    // It began with the snapshot where that is not newer, and from the start where it is.
    const [late, early] = [
      await inspect.stateAt('meter', 'm'),
      await inspect.stateAt('meter', 'm', { version: 15 }),
    ];
    expect(late).toMatchObject({ version: 40, snapshotVersion, replayed: 40 - snapshotVersion });
    expect(early).toMatchObject({ version: 15, snapshotVersion: 0, replayed: 15 });
    expect(await inspect.diff('meter', 'm', 15, 40)).toMatchObject({
      changes: [
        { path: '/sum', before: states[15]!.sum, after: states[40]!.sum },
        { path: '/readings', before: 15, after: 40 },
      ],
    });
    const { events } = await inspect.stream('meter', 'm', { after: 14, limit: 2 });
    expect(events).toMatchObject([
      {
        version: 15,
        data: { kilowatts: 15 },
        readsAs: [{ type: 'readOut', data: { watts: 15_000 } }],
      },
      { version: 16, data: { watts: 16 }, readsAs: undefined },
    ]);
  });

  it('reads a stream of many pages', async () => {
    const runtime = await db.start();
    const add500 = { type: 'add', data: { token: 't', times: 500 } } as const;
    for (let i = 0; i < 5; i++) await tallyOf(runtime).send('a', add500);
    const found = await runtime.inspect.stateAt('tally', 'a', { version: 1999 });
    expect(found).toMatchObject({ version: 1999, state: { count: 1999, steps: 1999 } });
  });
});

describe('a dry run', () => {
  it('leaves no trace in the database, nor in the actor', async () => {
    const runtime = await db.start();
    await tallyOf(runtime).send('a', add('1'));
    const before = await traces();
    const { inspect } = runtime;
    expect(await inspect.dryRun('tally', 'a', add('dry'))).toMatchObject({
      ...{ version: 1, outcome: 'accepted', state: { count: 2, steps: 2 } },
      events: [{ type: 'added', version: 2, data: { token: 'dry', count: 2 } }],
    });
    expect(
      await inspect.dryRun('tally', 'new', { type: 'take', data: { token: 't' } }),
    ).toMatchObject({
      ...{ version: 0, outcome: 'rejected', rejection: { shortCode: 'EMPTY' } },
    });
    expect(await traces()).toEqual(before);
    const { live, commands } = await inspect.actor('tally', 'a');
    expect({ version: live?.decidedVersion, commands: commands.length }).toEqual({
      version: 1,
      commands: 1,
    });
    expect((await inspect.actor('tally', 'new')).status).toBe('notLive');
  });

  async function traces() {
    const tables = ['events', 'outcomes', 'snapshots', 'writers', 'audit'];
    const count = (table: string) =>
      `(SELECT count(*)::int FROM ${db.schema}.${table}) AS ${table}`;
    const last = `(SELECT last_value::int FROM pg_sequences WHERE schemaname = '${db.schema}' AND sequencename = 'events_position_seq') AS drawn`;
    return (await db.admin.query(`SELECT ${tables.map(count).join(', ')}, ${last}`)).rows;
  }
});

describe('the inspection thread', () => {
  const task = () => ({
    ...{ store: db.store(), limits: DEFAULT_JSON_LIMITS, freezeState: false },
  });
  const state = { kind: 'state', aggregate: 'tally', id: 'a', version: undefined } as const;

  it('is there only while somebody looks', async () => {
    const threads = watchThreads();
    const runtime = await db.start();
    await tallyOf(runtime).send('a', add('1'));
    const shards = threads.size;
    const jobs = new InspectionThread(tallyUrl, task(), { idleMs: 100, blockedAfterMs: 5000 });
    db.closeAfterTest(() => jobs.close());
    for (let i = 0; i < 2; i++) {
      expect(threads.size).toBe(shards);
      const found = await Promise.all([jobs.run(state), jobs.run(state)]);
      expect(found).toMatchObject([{ version: 1 }, { version: 1 }]);
      expect(threads.size).toBe(shards + 1);
      await until(() => expect(threads.size).toBe(shards));
      expect(jobs.isRunning).toBe(false);
    }
    await jobs.close();
    await expect(jobs.run(state)).rejects.toMatchObject({ code: 'Stopping' });
  });

  it('is ended when code of the domain never pauses in it, and what was asked fails; the host goes on', async () => {
    const runtime = await db.start();
    await tallyOf(runtime).send('b', add('1'));
    const end = flag();
    const data = JSON.stringify({ token: 't', count: 1, file: end.path, where: 'evolve' });
    const row = eventRow({ aggregate: 'tally', id: 'a' }, 1, { type: 'spun', data });
    await insertEvent(db.admin, db.schema, row);
    const jobs = new InspectionThread(tallyUrl, task(), { idleMs: 30_000, blockedAfterMs: 500 });
    db.closeAfterTest(() => jobs.close());
    await expect(jobs.run(state)).rejects.toMatchObject({
      code: 'InspectionBlocked',
      message: expect.stringContaining('ran for 500 ms without a pause'),
    });
    expect(jobs.isRunning).toBe(false);
    expect(await jobs.run({ ...state, id: 'b' })).toMatchObject({ version: 1 });
  });
});

describe('a runtime without shard threads', () => {
  it('is seen from inside as any other', async () => {
    const runtime = await db.start({ shards: 0 });
    await tallyOf(runtime).send('a', add('1'));
    const { inspect } = runtime;
    expect(await inspect.shards()).toMatchObject([
      { condition: 'running', thread: undefined, actors: 1 },
    ]);
    expect(await inspect.actors()).toMatchObject({
      actors: [{ id: 'a', status: 'idle' }],
      total: 1,
    });
    expect(await inspect.stateAt('tally', 'a')).toMatchObject({ state: { count: 1 } });
    expect(await inspect.snapshot('tally', 'a', reason)).toMatchObject({ result: 'done' });
    expect((await inspect.actor('tally', 'a')).snapshot).toMatchObject({
      version: 1,
      eventsSince: 0,
    });
    expect(await inspect.passivate('tally', 'a', reason)).toMatchObject({ result: 'done' });
    expect(await inspect.actors()).toMatchObject({ actors: [], total: 0 });
  });
});

describe('a hundred thousand live actors under load', () => {
  it('are listed exactly once each, while commands go on', { timeout: 240_000 }, async () => {
    const runtime = await db.start({ shards: 2, maxInFlight: 100_000 });
    const tallies = tallyOf(runtime);
    const ids = Array.from({ length: 100_000 }, (_, i) => `actor-${String(i).padStart(6, '0')}`);
    for (let from = 0; from < ids.length; from += 5000)
      await Promise.all(ids.slice(from, from + 5000).map((id) => tallies.send(id, add('t'))));
    const load = new Workload(tallies);
    let isOver = false;
    const running = load.run(ids.slice(0, 5000), 500, () => isOver);
    const { inspect } = runtime;
    /** A shard may be too busy to answer in time. */
    const askUntilAllAnswer = (options: ActorsOptions) =>
      vi.waitFor(
        async () => {
          const page = await inspect.actors(options);
          expect(page.silent).toEqual([]);
          return page;
        },
        { timeout: 30_000, interval: 1 },
      );
    const seen: string[] = [];
    let [after, pages, answered]: [string | undefined, number, number] = [undefined, 0, 0];
    do {
      const page = await askUntilAllAnswer({ limit: 1000, ...(after !== undefined && { after }) });
      expect(page.total).toBe(100_000);
      seen.push(...page.actors.map(({ id }) => id));
      const now = load.with('accepted').length;
      if (now > answered) pages += 1;
      [after, answered] = [page.next, now];
    } while (after !== undefined);
    isOver = true;
    await running;
    expect(seen).toEqual(ids);
    expect(pages).toBeGreaterThan(10); // commands were answered between pages
    const busiest = await inspect.actors({ sort: 'bytes', limit: 3 });
    expect(busiest.actors).toHaveLength(3);
  });
});
