import { describe, expect, it } from 'vitest';
import { sliceOf } from '../../src/messages/slice.js';
import { ownerOf } from '../../src/shard/placement.js';
import { holdAfterEpochCheck, holdBeforeEpochCheck, untilWaiting } from './support/held-append.js';
import { shardsOf, watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { useWire } from './support/use-wire.js';
import { add, expectNoLostUpdate, look, take, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const wire = useWire(db);
const patient = () => ({ ...db.store(), lockTimeoutMs: 60_000 });

describe('a thread that is ended while its append is held back in Postgres', () => {
  it('H01 is answered for from the log when the append is stored late: nothing is decided twice', async () => {
    const threads = watchThreads();
    const runtime = await db.start({ store: patient() });
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const obstacle = await holdAfterEpochCheck(db);
    for (let i = 0; i < 20; i++) void load.send('a');
    await untilWaiting(db, 'commit');
    await [...threads][0]!.terminate();
    await untilWaiting(db, 'recovery'); // the fence waits for the append of a client that is gone
    for (let i = 0; i < 20; i++) void load.send('a');
    expect(load.with('accepted')).toHaveLength(1);
    await obstacle.remove();
    await load.settled();
    expect(load.with('accepted')).toHaveLength(41);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
  });

  it('H01 is refused its append when that comes after the fence: nothing is stored twice', async () => {
    const threads = watchThreads();
    const store = { ...db.store(wire().url), lockTimeoutMs: 60_000 };
    const runtime = await db.start({ store });
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const obstacle = await holdBeforeEpochCheck(db);
    const append = wire().interceptAppend();
    for (let i = 0; i < 20; i++) void load.send('a');
    await append.reached;
    const late = append.pass();
    await untilWaiting(db, 'commit');
    await [...threads][0]!.terminate();
    await untilWaiting(db, 'commit', 2); // the successor's append beside the old one
    await obstacle.remove();
    expect(await late).toBe('TR001');
    await load.settled();
    expect(load.with('accepted')).toHaveLength(21);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
  });

  it('does not decide in another order: what came before something stored is refused, unless its key is stored', async () => {
    const threads = watchThreads();
    const runtime = await db.start({ store: patient() });
    const tallies = tallyOf(runtime);
    await tallies.send('a', look);
    const obstacle = await holdAfterEpochCheck(db);
    const early = tallies.trySend('a', take('early')).catch((error: unknown) => error);
    const keyed = tallies.trySend('a', take('keyed'), { idempotencyKey: 'keyed' });
    const noop = tallies.send('a', look, { idempotencyKey: 'noop' });
    const stored = tallies.send('a', add('stored'));
    const tail = tallies.send('a', take('tail'));
    await untilWaiting(db, 'commit');
    await [...threads][0]!.terminate();
    await untilWaiting(db, 'recovery');
    await obstacle.remove();
    expect(await early).toMatchObject({ outcome: 'refused', code: 'Overtaken' });
    expect(await keyed).toMatchObject({ ok: false, shortCode: 'EMPTY', deduplicated: false });
    expect(await noop).toMatchObject({ version: 0, events: [], deduplicated: false });
    expect(await stored).toMatchObject({ version: 1 });
    expect(await tail).toMatchObject({ version: 2 });
    expect((await db.rows()).map((row) => row.data.token)).toEqual(['stored', 'tail']);
  });

  it('H06 is replaced only after the fence, and meanwhile the other shards go on', async () => {
    const threads = watchThreads();
    const runtime = await db.start({ shards: 2, store: patient() });
    const load = new Workload(tallyOf(runtime));
    const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`);
    const of = (shard: number) => ids.filter((id) => ownerOf(sliceOf('tally', id), 2) === shard);
    await Promise.all(ids.map((id) => load.send(id)));

    // Only the first of these ids is blocked, and with it the whole batch that its shard has under way.
    const stranger = await db.stranger();
    await stranger.query('BEGIN');
    await stranger.query(
      `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       VALUES (0, 'tally', $1, 2, '', '{}', '{}', '', now())`,
      [of(0)[0]],
    );
    const held = of(0).map((id) => load.send(id));
    await untilWaiting(db, 'commit');
    const [thread] = [...threads].sort((a, b) => a.threadId - b.threadId);
    await thread!.terminate();
    await untilWaiting(db, 'recovery');
    expect(threads.size, 'no successor beside its predecessor').toBe(1);
    const others = await Promise.all(of(1).map((id) => load.send(id)));
    expect(others.map(({ kind }) => kind)).toEqual(others.map(() => 'accepted'));
    expect(load.with('waiting')).toHaveLength(held.length);

    await stranger.query('ROLLBACK');
    await load.settled();
    expect(load.with('accepted')).toHaveLength(load.sent.length);
    const rows = await db.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
    expect(shardsOf(runtime).map((shard) => shard.restarts)).toEqual([1, 0]);
  });
});
