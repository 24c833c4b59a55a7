import type { OutcomeUnknown } from 'troupe';
import { describe, expect, it } from 'vitest';
import { flag } from './support/flag.js';
import { useDatabase } from './support/use-database.js';
import { useWire } from './support/use-wire.js';
import {
  expectNoLostUpdate,
  linger,
  mark,
  type Sent,
  spin,
  tallyOf,
  Workload,
} from './support/workload.js';

const db = useDatabase();
const wire = useWire(db);
const impatient = () => ({ store: db.store(wire().url), timeoutMs: 500, unknownAfterMs: 100 });

/** What became of an unknown command, asked over a line of its own: the runtime that sent it is cut off. */
async function outcomeOf(sent: Sent) {
  const observer = await db.start();
  expect(sent.error).toMatchObject({ code: 'OutcomeUnknown', outcome: 'unknown' });
  return observer.outcome(sent.error as OutcomeUnknown);
}

describe('a command whose outcome is unknown', () => {
  it('was accepted, if its append was stored and only the answer got lost', async () => {
    const runtime = await db.start(impatient());
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    expect(await append.pass()).toBe('stored');
    wire().cut();
    await sent;
    expect(await outcomeOf(await sent)).toMatchObject({
      ...{ kind: 'accepted', version: 2 },
      events: [{ version: 2, type: 'added' }],
    });
    wire().mend();
    await expectUndone(load);
  });

  it('was not executed, if its append never arrived, and is not executed later', async () => {
    const runtime = await db.start(impatient());
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    wire().cut();
    expect(await outcomeOf(await sent)).toEqual({ kind: 'notExecuted' });
    wire().mend();
    await expectUndone(load, await sent);
  });

  it('was not executed, if it waited for the next batch, and is not executed later', async () => {
    const runtime = await db.start(impatient());
    const load = new Workload(tallyOf(runtime));
    await Promise.all([load.send('a'), load.send('b')]);
    const append = wire().interceptAppend();
    void load.send('a');
    await append.reached;
    const decided = flag();
    const sent = load.send('b', mark(decided.path));
    await decided.reached();
    wire().cut();
    expect(await outcomeOf(await sent)).toEqual({ kind: 'notExecuted' });
    wire().mend();
    await expectUndone(load, await sent);
  });

  it('was not executed, if it is still being decided, and is not executed later', async () => {
    const runtime = await db.start(impatient());
    const load = new Workload(tallyOf(runtime));
    await Promise.all([load.send('a'), load.send('b')]);
    const end = flag();
    const sent = await load.send('b', linger(end.path));
    await end.reached();
    expect(await outcomeOf(sent)).toEqual({ kind: 'notExecuted' });
    // The shard learns with this one that it was fenced.
    await load.send('a', undefined, { timeoutMs: 10_000 });
    end.raise();
    await expectUndone(load, sent);
  });

  it('was not executed, if its thread is blocked, and is not executed later', async () => {
    const runtime = await db.start(impatient());
    const load = new Workload(tallyOf(runtime));
    await Promise.all([load.send('a'), load.send('b')]);
    const end = flag();
    const blocking = load.send('b', spin(end.path));
    await end.reached();
    const behind = load.send('a');
    expect(await outcomeOf(await blocking)).toEqual({ kind: 'notExecuted' });
    expect(await outcomeOf(await behind)).toEqual({ kind: 'notExecuted' });
    end.raise();
    await expectUndone(load, await blocking, await behind);
  });

  it('can be asked about after its runtime was stopped, and after its writer was removed', async () => {
    const runtime = await db.start({ store: db.store(wire().url) });
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    const append = wire().interceptAppend();
    const sent = load.send('a');
    await append.reached;
    await runtime.stop({ drainMs: 50 });
    expect(await outcomeOf(await sent)).toEqual({ kind: 'notExecuted' });
    expect(await append.pass(), 'the append that comes late').toBe('TR001');
    await db.admin.query(`DELETE FROM ${db.schema}.writers`);
    expect(await outcomeOf(await sent)).toEqual({ kind: 'notExecuted' });
    expect(await db.rows()).toHaveLength(1);
  });
});

/** Work goes on, and what was said not to be executed is not in the log. */
async function expectUndone(load: Workload, ...undone: Sent[]) {
  for (const id of ['a', 'b', 'c']) {
    expect((await load.send(id, undefined, { timeoutMs: 10_000 })).kind).toBe('accepted');
  }
  const rows = await db.rows();
  load.expectTruth(rows);
  expectNoLostUpdate(rows);
  const tokens = rows.map((row) => row.data.token);
  for (const { token } of undone) expect(tokens).not.toContain(token);
}
