import type { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { noticesOf, shardsOf, watchThreads } from './support/inside.js';
import { tallies } from './support/readers.js';
import {
  caughtUp,
  expectEchoes,
  expectTallies,
  expectTokens,
  logOf,
  outFile,
  readersUrl,
  underLoad,
} from './support/reading.js';
import { infoOf } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, take, tallyOf, Workload } from './support/workload.js';

const db = useDatabase();
const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);
const start = (shards = 1) => db.start({ domain: readersUrl, shards });
let out: ReturnType<typeof outFile>;
beforeEach(() => {
  out = outFile();
});

describe.each([0, 1])('with shards: %i', (shards) => {
  it('a view, a projection, a handler and a publication follow the log, each event once', async () => {
    const runtime = await start(shards);
    const notices = noticesOf(runtime);
    const load = new Workload(tallyOf(runtime));
    for (let i = 0; i < 300; i++) void load.send(ids[i % ids.length]!);
    await load.settled();
    await caughtUp(runtime, 'tallies', 'tokens', 'echo', 'out');
    await expectTallies(db, runtime);
    await expectTokens(db);
    await expectEchoes(db);
    const noted = (await logOf(db)).filter(({ aggregate }) => aggregate === 'mirror');
    expect(noted).toHaveLength(300);
    expect(out.ids()).toEqual(noted.map(({ id, version }) => `mirror/${id}@${version}`));
    expect(notices).toEqual([]);
  });

  it('who waits for a view reads his own write', async () => {
    const runtime = await start(shards);
    for (let seen = 1; seen <= 20; seen++) {
      const { position } = await tallyOf(runtime).send('a', add(`${seen}`));
      await runtime.waitFor('tallies', position);
      expect((await runtime.view(tallies).get('a'))?.seen).toBe(seen);
    }
  });

  it('what a handler sent comes back as a receipt or as the typed error', async () => {
    const runtime = await start(shards);
    const { position } = await tallyOf(runtime).send('a', add('refuse'));
    await runtime.waitFor('echo', position);
    expect((await logOf(db)).map(({ data }) => data.token)).toEqual([
      'refuse',
      'REFUSED REFUSED REFUSED 409',
    ]);
  });
});

it('goes on where it was when the runtime is started again', async () => {
  const before = await start();
  const load = new Workload(tallyOf(before));
  for (let i = 0; i < 100; i++) void load.send(ids[i % ids.length]!);
  await load.settled();
  await before.stop();
  const after = await start();
  for (let i = 0; i < 100; i++) await tallyOf(after).send(ids[i % ids.length]!, take(`${i}`));
  await caughtUp(after, 'tallies', 'tokens', 'echo', 'out');
  await expectTallies(db, after);
  await expectTokens(db);
  await expectEchoes(db);
});

it('H39 the thread killed in the middle of batches leaves counts exact', async () => {
  const threads = watchThreads();
  const runtime = await start(2);
  const load = new Workload(tallyOf(runtime));
  const running = underLoad(load, ids, 2);
  for (let deaths = 0; deaths < 3; deaths++) {
    const seen = (await runtime.view(tallies).get('id-0'))?.seen ?? 0;
    await eventually(async () =>
      expect((await runtime.view(tallies).get('id-0'))?.seen).toBeGreaterThan(seen + 8),
    );
    await ([...threads].at(-1) as Worker).terminate();
  }
  await running.end();
  await caughtUp(runtime, 'tallies', 'tokens', 'echo', 'out');
  await expectTallies(db, runtime);
  await expectTokens(db);
  await expectEchoes(db);
  for (const name of ['tallies', 'tokens', 'echo', 'out'])
    expect(await runtime.parked(name)).toEqual([]);
});

it('commands of a handler survive the death of the shard that has them, once each', async () => {
  const threads = watchThreads();
  const runtime = await start(1);
  const shard = [...threads][0] as Worker;
  const load = new Workload(tallyOf(runtime));
  for (let i = 0; i < 400; i++) void load.send(ids[i % ids.length]!);
  await eventually(async () =>
    expect((await logOf(db)).filter(({ type }) => type === 'noted').length).toBeGreaterThan(20),
  );
  await shard.terminate();
  await load.settled();
  await caughtUp(runtime, 'echo');
  await expectEchoes(db);
  expect(await runtime.parked('echo')).toEqual([]);
});

it('a handler whose command is refused for what passes tries again, for as long as it takes', async () => {
  const runtime = await start(1);
  const [shard] = shardsOf(runtime);
  const send = vi.spyOn(shard!, 'send');
  const original = Object.getPrototypeOf(shard).send as (typeof shard & object)['send'];
  let refused = 0;
  send.mockImplementation(function (this: typeof shard, message, settle) {
    if (message.aggregate === 'mirror' && refused < 6) {
      refused++;
      return false; // overloaded
    }
    return original.call(shard, message, settle);
  });
  const { position } = await tallyOf(runtime).send('a', add('one'));
  await runtime.waitFor('echo', position);
  expect(refused).toBe(6);
  expect(await runtime.parked('echo')).toEqual([]);
  await expectEchoes(db);
});

it('a handler may take longer than the database lets a transaction idle', async () => {
  const runtime = await start(1);
  const { position } = await tallyOf(runtime).send('a', add('slow'));
  await runtime.waitFor('echo', position);
  expect(await runtime.parked('echo')).toEqual([]);
  expect((await infoOf(runtime, 'echo'))?.attempts).toBe(0);
  await expectEchoes(db);
});

it('H35 a poison event in one of many streams holds up that stream alone, until it is skipped', async () => {
  const runtime = await start(1);
  const many = Array.from({ length: 1000 }, (_, i) => `s-${i}`);
  const load = new Workload(tallyOf(runtime));
  for (const id of many) void load.send(id);
  await load.settled();
  await tallyOf(runtime).send('s-500', add('poison'));
  for (const id of many) void load.send(id);
  await load.settled();
  await caughtUp(runtime, 'tallies');
  const view = runtime.view(tallies);
  expect(await view.count({ seen: 2 })).toBe(999);
  expect(await view.get('s-500')).toEqual({ seen: 1, version: 1, inOrder: true });
  const stream = { aggregate: 'tally', id: 's-500' };
  expect(await runtime.parked('tallies')).toMatchObject([{ ...stream, version: 2 }]);
  await runtime.skipParked('tallies', stream, { who: 'Ada', why: 'it was a test' });
  await eventually(async () => expect((await view.get('s-500'))?.version).toBe(3));
  // What was behind it was folded without it, and nothing twice.
  expect(await view.get('s-500')).toEqual({ seen: 2, version: 3, inOrder: false });
  expect(await view.count({ seen: 2 })).toBe(1000);
});

it('a handler that throws at one event has handled those before it, once, and parks that stream alone', async () => {
  const runtime = await start(1);
  for (const id of ['a', 'b']) await tallyOf(runtime).send(id, add('one'));
  await tallyOf(runtime).send('b', add('throw'));
  for (const id of ['b', 'c']) await tallyOf(runtime).send(id, add('two'));
  await caughtUp(runtime, 'echo');
  const noted = (await logOf(db)).filter(({ aggregate }) => aggregate === 'mirror');
  expect(noted.map(({ id, data }) => `${id} ${data.token}`)).toEqual(['a one', 'b one', 'c two']);
  expect(await runtime.parked('echo')).toMatchObject([{ id: 'b', version: 2, attempts: 4 }]);
});
