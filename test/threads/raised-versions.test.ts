import type { Worker } from 'node:worker_threads';
import type { Runtime } from 'troupe';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { noticesOf, watchThreads } from './support/inside.js';
import { tallies as raised } from './support/raised-readers.js';
import { tallies } from './support/readers.js';
import {
  caughtUp,
  expectEchoes,
  expectTallies,
  expectTokens,
  outFile,
  readersUrl,
  underLoad,
} from './support/reading.js';
import { infoOf } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const raisedUrl = new URL('./support/raised-readers.js', import.meta.url);
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);
const startOld = () => db.start({ domain: readersUrl });
const startNew = () => db.start({ domain: raisedUrl });
beforeEach(() => void outFile());

/** Stops the rebuild in the middle of its second page. */
function closeGate(): ReturnType<typeof flag> {
  const gate = flag();
  process.env.GATE_FILE = gate.path;
  onTestFinished(() => void delete process.env.GATE_FILE);
  return gate;
}

async function fill(runtime: Runtime): Promise<void> {
  const load = new Workload(tallyOf(runtime));
  for (let i = 0; i < 1200; i++) void load.send(ids[i % ids.length]!);
  await load.settled();
  await tallyOf(runtime).send('gate', add('gate'));
  for (let i = 0; i < 100; i++) void load.send(ids[i % ids.length]!);
  await load.settled();
  const all = await runtime.subscriptions();
  await caughtUp(runtime, ...all.map(({ name }) => name));
}

it('H36 H37 is built beside the one that an old process keeps up to date, and takes its place', async () => {
  const old = await startOld();
  await fill(old);
  const gate = closeGate();
  const now = await startNew();
  await gate.reached();
  const info = await infoOf(now, 'tallies');
  expect(info).toMatchObject({
    state: 'rebuilding',
    rebuild: { position: expect.any(Number), upTo: expect.any(Number) },
  });
  expect(info!.rebuild!.position).toBeLessThan(info!.rebuild!.upTo);
  // Meanwhile the old version serves, in both processes, with what is written now.
  const { position } = await tallyOf(old).send('meanwhile', add('one'));
  await now.waitFor('tallies', position);
  for (const runtime of [old, now])
    expect((await runtime.view(tallies).get('meanwhile'))?.seen).toBe(1);
  expect((await infoOf(old, 'tallies'))!.owner).toContain(`/${process.pid}/`);

  const load = new Workload(tallyOf(old));
  const running = underLoad(load, ids, 2);
  gate.raise();
  await eventually(async () => {
    for (const name of ['tallies', 'tokens'])
      expect((await infoOf(now, name))!).toMatchObject({ version: 2, state: 'live' });
  });
  await running.end();
  await caughtUp(now, 'tallies', 'tokens', 'echo');
  await expectTallies(db, now);
  await expectTallies(db, old);
  await expectTokens(db, 2);
  await expectEchoes(db);
  expect(await now.view(raised).count({ version: { gte: 100 } })).toBe(ids.length);
  await eventually(async () =>
    expect(await statusOf(old, 'tallies')).toMatchObject({ state: 'stopped' }),
  );
  expect(await statusOf(old, 'tallies')).toMatchObject({ error: { code: 'SubscriptionOutdated' } });
});

it('is built where no old process runs any more, while the old one serves as it was left', async () => {
  const old = await startOld();
  await fill(old);
  await old.stop();
  const gate = closeGate();
  const now = await startNew();
  await gate.reached();
  const { position } = await tallyOf(now).send('later', add('one'));
  expect(await now.view(tallies).get('gate')).toMatchObject({ seen: 1 });
  expect(await now.view(tallies).get('later')).toBeUndefined();
  await expect(now.view(raised).count({ version: 1 })).rejects.toMatchObject({
    code: 'ViewNotReady',
  });
  gate.raise();
  await now.waitFor('tallies', position);
  await caughtUp(now, 'tallies', 'tokens');
  await expectTallies(db, now);
  await expectTokens(db, 2);
});

it('goes on where it was when the thread dies in the middle of it', async () => {
  const old = await startOld();
  await fill(old);
  await old.stop();
  const gate = closeGate();
  const threads = watchThreads();
  const now = await startNew();
  const notices = noticesOf(now);
  await gate.reached();
  gate.forget();
  await ([...threads].at(-1) as Worker).terminate();
  await gate.reached();
  // The first page was folded by the thread that is gone.
  expect((await infoOf(now, 'tallies'))!.rebuild).toMatchObject({ events: 0 });
  expect((await infoOf(now, 'tallies'))!.rebuild!.position).toBeGreaterThan(900);
  gate.raise();
  await caughtUp(now, 'tallies', 'tokens');
  await expectTallies(db, now);
  await expectTokens(db, 2);
  expect(notices.filter((it) => it.startsWith('degraded'))).toHaveLength(1);
});

it.each(['exit', 'loop', 'decode'])(
  'H39 that ends its thread is given up (%s), and all others go on, until its code is mended',
  async (how) => {
    const old = await startOld();
    await fill(old);
    await old.stop();
    process.env.POISONED = how;
    onTestFinished(() => void delete process.env.POISONED);
    const now = await startNew();
    const notices = noticesOf(now);
    const isGivenUp = async () =>
      expect(await statusOf(now, 'tallies')).toMatchObject({
        state: 'stopped',
        error: {
          code: 'ProcessorEnded',
          message: expect.stringMatching(/^tallies cannot be built: .* Mend the code of version 2/),
        },
      });
    await vi.waitFor(isGivenUp, { timeout: 60_000, interval: 50 });
    const { position } = await tallyOf(now).send('later', add('one'));
    await now.waitFor('echo', position);
    await caughtUp(now, 'echo');
    // Both read what cannot be decoded.
    if (how === 'decode')
      await eventually(async () =>
        expect(await statusOf(now, 'tokens')).toMatchObject({ state: 'stopped' }),
      );
    else await caughtUp(now, 'tokens').then(() => expectTokens(db, 2));
    for (const { name } of await now.subscriptions()) expect(await now.parked(name)).toEqual([]);
    expect(await now.view(tallies).get('gate')).toMatchObject({ seen: 1 });
    expect(notices.filter((it) => it.startsWith('degraded')).length).toBeLessThanOrEqual(4);
    expect(notices.join()).toContain('tallies cannot be built');
    await now.stop();

    delete process.env.POISONED;
    const mended = await startNew();
    await caughtUp(mended, 'tallies');
    await expectTallies(db, mended);
  },
  120_000,
);

/** As the process of a runtime sees it. */
function statusOf(runtime: Runtime, name: string) {
  return infoOf(runtime, name);
}
