import type { OutcomeUnknown } from 'troupe';
import { describe, expect, it } from 'vitest';
import {
  endHeldCommit,
  holdCommits,
  releaseCommits,
  untilCommitHeld,
} from '../postgres/support/replication.js';
import { eventually } from '../support/eventually.js';
import { noticesOf, watchThreads } from './support/inside.js';
import { OwnServer, runtimeOn, wireTo } from './support/own-server.js';
import { connected } from './support/use-database.js';
import { expectNoLostUpdate, tallyOf, Workload } from './support/workload.js';

const ids = Array.from({ length: 6 }, (_, i) => `id-${i}`);

describe('while the server is away', () => {
  it('commands wait, on live actors and on cold ones, and are executed when it is back', async () => {
    const server = await OwnServer.start();
    const wire = await wireTo(server);
    const runtime = await runtimeOn(wire.url, { shards: 2 });
    const notices = noticesOf(runtime);
    const load = new Workload(tallyOf(runtime));
    for (const id of ids) void load.send(id);
    await load.settled();
    await server.down();
    for (const id of ids) void load.send(id);
    for (const id of ids) void load.send(`cold ${id}`);
    await eventually(() =>
      expect(notices).toContain('degraded: commits are delayed: the database cannot be reached'),
    );
    for (const id of ids) void load.send(id);
    expect(load.with('waiting')).toHaveLength(18);
    await server.up();
    wire.mend(server.url);
    await load.settled();
    expect(load.with('accepted')).toHaveLength(24);
    const rows = await server.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
    await eventually(() => expect(notices).toContain('recovered: commits go on'));
    const count = (text: string) => notices.filter((notice) => notice.startsWith(text)).length;
    expect(count('degraded')).toBe(count('recovered'));
  });

  it('those that cannot wait are refused, those that were decided are unknown until it is back', async () => {
    const server = await OwnServer.start();
    const wire = await wireTo(server);
    const runtime = await runtimeOn(wire.url, { timeoutMs: 300, unknownAfterMs: 200 });
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    await server.down();
    const [first, decided] = [load.send('a'), load.send('a')];
    const cold = load.send('b');
    expect((await cold).error).toMatchObject({ code: 'DeadlineExceeded', outcome: 'refused' });
    for (const sent of [await first, await decided])
      expect(sent.error).toMatchObject({ code: 'OutcomeUnknown' });
    const asked = runtime.outcome((await decided).error as OutcomeUnknown);
    await expect(asked).rejects.toMatchObject({ code: 'StoreUnavailable' });

    await server.up();
    wire.mend(server.url);
    for (const sent of [await first, await decided])
      expect(await runtime.outcome(sent.error as OutcomeUnknown)).toEqual({ kind: 'notExecuted' });
    for (const id of ['a', 'b'])
      expect((await load.send(id, undefined, { timeoutMs: 10_000 })).kind).toBe('accepted');
    const rows = await server.rows();
    expect(rows.map((row) => `${row.id} ${row.version}`)).toEqual(['a 1', 'a 2', 'b 1']);
    load.expectTruth(rows);
  });

  it('a thread that ends is replaced when it is back, and commands that cannot wait are refused', async () => {
    const server = await OwnServer.start();
    const wire = await wireTo(server);
    const threads = watchThreads();
    const runtime = await runtimeOn(wire.url);
    const load = new Workload(tallyOf(runtime));
    await load.send('a');
    await server.down();
    const handed = load.send('a');
    await [...threads][0]!.terminate();
    await eventually(() => expect(threads.size).toBe(0));
    const hasty = load.send('a', undefined, { timeoutMs: 200 });
    const patient = load.send('a');
    expect((await hasty).error).toMatchObject({ code: 'DeadlineExceeded' });
    await server.up();
    wire.mend(server.url);
    expect((await handed).receipt).toMatchObject({ version: 2 });
    expect((await patient).receipt).toMatchObject({ version: 3 });
    const rows = await server.rows();
    load.expectTruth(rows);
    expectNoLostUpdate(rows);
  });
});

it('H04 a row that is visible but not replicated is no proof: its command is answered when it is', async () => {
  const server = await OwnServer.start();
  const runtime = await runtimeOn(server.url);
  const load = new Workload(tallyOf(runtime));
  await load.send('a');
  const admin = await connected(server.url);
  await holdCommits(admin, server.url);
  const sent = load.send('a');
  await untilCommitHeld(admin, 'troupe commit');
  await endHeldCommit(admin, 'troupe commit');
  await untilCommitHeld(admin, 'troupe recovery');
  expect(await server.rows(), 'visible').toHaveLength(2);
  expect(load.with('waiting')).toHaveLength(1);
  await releaseCommits(admin);
  expect((await sent).receipt).toMatchObject({ version: 2 });
  load.expectTruth(await server.rows());
  await admin.end();
});
