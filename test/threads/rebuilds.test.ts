import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Runtime } from 'troupe';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { watchThreads } from './support/inside.js';
import { caughtUp, logOf, underLoad } from './support/reading.js';
import { again, days, once, sums, tally } from './support/rebuilt-readers.js';
import { infoOf } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const domain = new URL('./support/rebuilt-readers.js', import.meta.url);
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);
const start = (options = {}) => db.start({ domain, ...options });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-rebuild-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  process.env.FACTOR_FILE = join(folder, 'factor');
  process.env.EFFECTS_FILE = join(folder, 'effects');
  setFactor(1);
});

/** As if the code that folds had been changed. */
function setFactor(factor: number): void {
  writeFileSync(join(folder, 'factor'), String(factor));
}

function closeGate(): ReturnType<typeof flag> {
  const gate = flag();
  process.env.GATE_FILE = gate.path;
  onTestFinished(() => void delete process.env.GATE_FILE);
  return gate;
}

async function fill(runtime: Runtime, count: number): Promise<void> {
  const load = new Workload(tallyOf(runtime));
  for (let i = 0; i < count; i++) void load.send(ids[i % ids.length]!);
  await load.settled();
}

/** What a clean build gives: each event counts `factor`. */
async function expectSums(runtime: Runtime, factor: number): Promise<void> {
  const counts = new Map<string, number>();
  for (const { aggregate, id } of await logOf(db))
    if (aggregate === 'tally') counts.set(id, (counts.get(id) ?? 0) + factor);
  const { items } = await runtime.view(sums).find({ limit: 1000 });
  expect(new Map(items.map(({ key, document }) => [key, document.sum]))).toEqual(counts);
  const rows = await runtime
    .projection(days)
    .query<{ id: string; sum: number }>(
      (table) => `SELECT id, sum(n)::int AS sum FROM ${table('rows')} GROUP BY id`,
    );
  expect(new Map(rows.map(({ id, sum }) => [id, sum]))).toEqual(counts);
}

async function tables(): Promise<string[]> {
  const { rows } = await db.admin.query(
    `SELECT relname FROM pg_class WHERE relnamespace = '${db.schema}'::regnamespace AND relkind = 'r'
     AND (relname LIKE 'view\\_%' OR relname LIKE 'projection\\_%') ORDER BY 1`,
  );
  return rows.map((row: { relname: string }) => row.relname);
}

describe.each([0, 1])('with shards: %i', (shards) => {
  it('a view and a projection are rebuilt in place under live writes, again and again', async () => {
    const runtime = await start({ shards });
    await fill(runtime, 600);
    await caughtUp(runtime, 'sums', 'days');
    const running = underLoad(new Workload(tallyOf(runtime)), ids, 1);
    for (const factor of [5, 7]) {
      setFactor(factor);
      const told: number[] = [];
      await Promise.all([
        runtime.view(sums).rebuild({ onProgress: ({ position }) => void told.push(position) }),
        runtime.projection(days).rebuild(),
      ]);
      expect(told.length).toBeGreaterThan(0);
      expect(told).toEqual([...told].sort((a, b) => a - b));
    }
    await running.end();
    await caughtUp(runtime, 'sums', 'days');
    await expectSums(runtime, 7);
  });

  it('one document, and the rows of one stream, are built anew', async () => {
    const runtime = await start({ shards });
    await fill(runtime, 48);
    await caughtUp(runtime, 'sums', 'days');
    setFactor(10);
    await runtime.view(sums).rebuildKey('id-3');
    expect(await runtime.view(sums).get('id-3')).toEqual({ sum: 40 });
    expect(await runtime.view(sums).get('id-4')).toEqual({ sum: 4 });
    await runtime.projection(days).rebuildStream(tally, 'id-3');
    const sumOf = async (id: string) =>
      runtime
        .projection(days)
        .query(
          (table) => `SELECT sum(n)::int, count(*)::int FROM ${table('rows')} WHERE id = $1`,
          [id],
        );
    expect(await sumOf('id-3')).toEqual([{ sum: 40, count: 4 }]);
    expect(await sumOf('id-4')).toEqual([{ sum: 4, count: 4 }]);
  });

  it('a handler runs again if it is replayable, with the same keys, and no other one', async () => {
    const runtime = await start({ shards });
    await fill(runtime, 24);
    await caughtUp(runtime, 'again');
    const effects = () => readFileSync(join(folder, 'effects'), 'utf8').trimEnd().split('\n');
    const first = effects();
    expect(first).toHaveLength(24);
    await runtime.handler(again).replay();
    expect(effects()).toEqual([...first, ...first]);
    expect((await logOf(db)).filter(({ aggregate }) => aggregate === 'mirror')).toHaveLength(24);
    await expect(runtime.handler(once).replay()).rejects.toMatchObject({
      code: 'NotSupported',
      message: expect.stringContaining('replayable: true'),
    });
  });
});

it('a rebuild goes on where it was when the thread dies, shows how far it is, and can be ended', async () => {
  const threads = watchThreads();
  const gate = closeGate();
  const runtime = await start();
  await fill(runtime, 1100);
  await tallyOf(runtime).send('gate', add('gate'));
  await caughtUp(runtime, 'sums', 'days');
  setFactor(5);
  const progress: number[] = [];
  const done = runtime
    .view(sums)
    .rebuild({ onProgress: ({ events }) => void progress.push(events) });
  await gate.reached();
  expect(await infoOf(runtime, 'sums')).toMatchObject({ rebuild: { upTo: expect.any(Number) } });
  expect(await runtime.view(sums).get('id-0')).toEqual({ sum: 92 });
  gate.forget();
  await ([...threads].at(-1) as Worker).terminate();
  await gate.reached();
  gate.raise();
  await done;
  // The first page, which the thread that is gone had folded, was not folded again.
  expect(Math.max(...progress)).toBeLessThan(1101);
  await runtime.projection(days).rebuild();
  await expectSums(runtime, 5);
  expect((await infoOf(runtime, 'sums'))!.rebuild).toBeUndefined();

  gate.forget();
  rmSync(gate.path);
  const end = new AbortController();
  const ended = runtime.view(sums).rebuild({ signal: end.signal });
  ended.catch(() => undefined);
  await gate.reached();
  end.abort(new Error('enough'));
  await expect(ended).rejects.toThrow('enough');
  gate.raise();
  await expectSums(runtime, 5);
});

it('an event that the new code cannot take ends a rebuild, names itself, and leaves what serves', async () => {
  const runtime = await start();
  await fill(runtime, 24);
  await tallyOf(runtime).send('bad', add('poison'));
  await caughtUp(runtime, 'sums', 'days');
  setFactor(3);
  await expect(runtime.view(sums).rebuild()).rejects.toMatchObject({
    code: 'ProjectionFailed',
    message: expect.stringContaining('tally/bad@1'),
  });
  await expectSums(runtime, 1);
  setFactor(1);
  await runtime.view(sums).rebuild();
  await expectSums(runtime, 1);
});

it('what was replaced is dropped after its grace, and not before', async () => {
  const runtime = await start();
  await fill(runtime, 24);
  await caughtUp(runtime, 'sums', 'days');
  await runtime.view(sums).rebuild();
  await runtime.projection(days).rebuild();
  await runtime.stop();
  const after = await start();
  const kept = ['projection_days_next1_rows', 'projection_days_v1_rows'];
  expect(await tables()).toEqual([...kept, 'view_sums_v1', 'view_sums_v1_next']);
  await after.stop();
  const later = await start({ keepOldTablesMs: 0 });
  await eventually(async () =>
    expect(await tables()).toEqual(['projection_days_v1_rows', 'view_sums_v1']),
  );
  await expectSums(later, 1);
});

it('H33 a view whose log was restored stops and says so; rebuilding it sets it on the log that there is', async () => {
  const runtime = await start();
  await fill(runtime, 24);
  await caughtUp(runtime, 'sums', 'days');
  await runtime.stop();
  // A backup of the log alone: its last events are gone.
  await db.admin.query(
    `SET session_replication_role = replica;
     ALTER TABLE ${db.schema}.events DISABLE TRIGGER ALL;
     DELETE FROM ${db.schema}.events WHERE position > 12;
     ALTER TABLE ${db.schema}.events ENABLE TRIGGER ALL;
     ALTER TABLE ${db.schema}.events ENABLE ALWAYS TRIGGER lock_append;
     ALTER TABLE ${db.schema}.events ENABLE ALWAYS TRIGGER refuse_change;
     ALTER TABLE ${db.schema}.events ENABLE ALWAYS TRIGGER refuse_truncate;
     RESET session_replication_role;`,
  );
  const errors: string[] = [];
  const after = await start({
    onNotice: (notice: { kind: string; message: string }) =>
      void (notice.kind === 'error' && errors.push(notice.message)),
  });
  await eventually(async () =>
    expect(await infoOf(after, 'sums')).toMatchObject({
      state: 'stopped',
      error: { code: 'CheckpointLost' },
    }),
  );
  await eventually(() =>
    expect(errors.filter((it) => it.includes('sums')).join()).toMatch(/rebuild what it writes/),
  );
  await after.view(sums).rebuild();
  await after.projection(days).rebuild();
  await caughtUp(after, 'sums', 'days');
  await expectSums(after, 1);
  const { position } = await tallyOf(after).send('id-0', add('later'));
  await after.waitFor('sums', position);
  await after.waitFor('days', position);
  await expectSums(after, 1);
});
