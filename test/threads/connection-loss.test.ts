import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Writer } from '../../src/store/store.js';
import { eventually } from '../support/eventually.js';
import { holdAfterEpochCheck, untilWaiting } from './support/held-append.js';
import { shardsOf } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { useWire } from './support/use-wire.js';
import { add, addTwo, expectNoLostUpdate, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const wire = useWire(db);
const throughWire = () => ({ store: { ...db.store(wire().url), lockTimeoutMs: 60_000 } });
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);

describe('a connection that is lost while committing', () => {
  it('before the statement reaches the server: the command is decided again and stored once', async () => {
    const load = new Workload(tallyOf(await db.start(throughWire())));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    append.cut();
    expect((await sent).kind).toBe('accepted');
    await expectTruth(load, 2);
  });

  it('H01 before the statement reaches the server, which gets it after the fence: it is refused', async () => {
    const load = new Workload(tallyOf(await db.start(throughWire())));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    append.cut();
    expect((await sent).kind).toBe('accepted');
    expect(await append.pass(), 'what became of the late append').toBe('TR001');
    await load.send('a');
    await expectTruth(load, 3);
  });

  it('H01 while the server is busy with it: the command is answered once its fate is known', async () => {
    const load = new Workload(tallyOf(await db.start(throughWire())));
    await load.send('a');
    const append = wire().interceptAppend();
    const obstacle = await holdAfterEpochCheck(db);
    const sent = load.send('a');
    await append.reached;
    void append.pass();
    await untilWaiting(db, 'commit');
    append.cut();
    await untilWaiting(db, 'recovery');
    const later = load.send('a');
    expect(load.with('waiting')).toHaveLength(2);
    await obstacle.remove();
    expect((await sent).receipt).toMatchObject({ version: 2 });
    expect((await later).receipt).toMatchObject({ version: 3 });
    await expectTruth(load, 3);
  });

  it('and again while its writer is being fenced: neither the thread nor the host dies of it', async () => {
    const runtime = await db.start(throughWire());
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const append = wire().interceptAppend();
    const obstacle = await holdAfterEpochCheck(db);
    const sent = load.send('a');
    await append.reached;
    void append.pass();
    await untilWaiting(db, 'commit');
    append.cut();
    await untilWaiting(db, 'recovery');
    const [shard] = shardsOf(runtime);
    const { writer } = shard as unknown as { writer: Writer };
    const unknown = { commandId: 'x', aggregate: 'tally', id: 'a', key: '', writerId: writer.id };
    const asking = runtime.outcome({ ...unknown, afterPosition: 0, incarnation: '' });
    const refused = expect(asking).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await untilWaiting(db, 'recovery', 2);
    wire().cut();
    await refused;
    wire().mend();
    await obstacle.remove();
    expect((await sent).receipt).toMatchObject({ version: 2 });
    expect(shard!.restarts).toBe(0);
    await expectTruth(load, 2);
  });

  it('H02 after it was stored, while others went on past a snapshot: it is answered from the log', async () => {
    const load = new Workload(tallyOf(await db.start(throughWire())));
    const others = new Workload(tallyOf(await db.start()));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    expect(await append.pass()).toBe('stored');
    for (let i = 0; i < 150; i++) void others.send('a');
    await others.settled();
    await eventually(async () => {
      const { rows } = await db.admin.query(`SELECT version FROM ${db.schema}.snapshots`);
      expect(rows).toHaveLength(1);
    });
    append.cut();
    expect((await sent).receipt).toMatchObject({ version: 2, deduplicated: false });
    expect((await load.send('a')).receipt).toMatchObject({ version: 153 });
    const rows = await expectTruth(load, 153);
    others.expectTruth(rows);
  });

  it('H03 and another process has decided the same command otherwise: its events are the answer', async () => {
    const client = tallyOf(await db.start(throughWire()));
    const other = tallyOf(await db.start());
    await client.send('a', add('first'));
    const append = wire().interceptAppend();
    const sent = client.send('a', add('x'), { commandId: 'same' });
    const next = client.send('a', add('y'));
    await append.reached;
    const elsewhere = await other.send('a', addTwo('x'), { commandId: 'same' });
    append.cut();
    expect(await sent).toMatchObject({ version: 3, events: elsewhere.events });
    expect(await next).toMatchObject({ version: 4 });
    const rows = await db.rows();
    expect(rows.map((row) => row.data.token)).toEqual(['first', 'x', 'x', 'y']);
    expectNoLostUpdate(rows);
  });

  it('at random moments and places, in turn with appends that come late, costs and doubles nothing', async () => {
    const load = new Workload(tallyOf(await db.start({ ...throughWire(), shards: 2 })));
    let rounds = 0;
    const running = load.run(ids, 40, () => rounds === 60);
    const late: Promise<string>[] = [];
    for (; rounds < 60; rounds++) {
      const append = wire().interceptAppend();
      await append.reached;
      if (rounds % 3 === 0) void append.pass();
      if (rounds % 3 === 1) await append.pass();
      append.cut();
      if (rounds % 3 === 2) late.push(afterTurns(randomInt(50)).then(() => append.pass()));
    }
    await running;
    await load.settled();
    expect(new Set(await Promise.all(late))).toContain('TR001');
    await expectTruth(load);
  });

  it('while another runtime writes to the same ids: no update of either is lost', async () => {
    const mine = new Workload(tallyOf(await db.start(throughWire())));
    const others = new Workload(tallyOf(await db.start()));
    const few = ids.slice(0, 3);
    let rounds = 0;
    const until = () => rounds === 30;
    const running = [mine.run(few, 10, until), others.run(few, 10, until)];
    for (; rounds < 30; rounds++) {
      const append = wire().interceptAppend();
      await append.reached;
      if (rounds % 2 === 0) await append.pass();
      append.cut();
    }
    await Promise.all(running);
    const rows = await db.rows();
    expectNoLostUpdate(rows);
    for (const load of [mine, others]) {
      load.expectTruth(rows);
      // Who is always slower may give up.
      const given = new Set(load.sent.map(({ kind, error }) => error?.code ?? kind));
      expect(['accepted', 'Contended']).toEqual(expect.arrayContaining([...given]));
    }
  });

  it.each([
    ['by an operator, who ends the session', endSessions, 100],
    ['by the network', cutAll, 200],
  ])(
    '%s, again and again under load: every command is stored once, in order',
    async (_, lose, times) => {
      const runtime = await db.start({ ...throughWire(), shards: 2 });
      const load = new Workload(tallyOf(runtime));
      let losses = 0;
      const running = load.run(ids, 40, () => losses === times);
      for (; losses < times; losses++) {
        const accepted = load.with('accepted').length;
        await eventually(() => expect(load.with('accepted').length).toBeGreaterThan(accepted), 1);
        await afterTurns(randomInt(30));
        await lose();
      }
      await running;
      await load.settled();
      await expectTruth(load);
      expect(shardsOf(runtime).map((shard) => shard.restarts)).toEqual([0, 0]);
    },
  );
});

async function endSessions(): Promise<void> {
  await db.admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'troupe commit'`,
  );
}

async function cutAll(): Promise<void> {
  wire().cut();
  wire().mend();
}

async function expectTruth(load: Workload, events?: number) {
  expect(load.with('accepted')).toHaveLength(load.sent.length);
  const rows = await db.rows();
  if (events !== undefined) expect(rows).toHaveLength(events);
  load.expectTruth(rows);
  expectNoLostUpdate(rows);
  return rows;
}

/** A moment that depends on nothing. */
async function afterTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
