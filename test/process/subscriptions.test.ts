import type { Runtime } from 'troupe';
import { beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { expectEachOnce, infoOf, makeSeen, seen } from '../threads/support/seen.js';
import { useDatabase } from '../threads/support/use-database.js';
import { add, tallyOf, Workload } from '../threads/support/workload.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/feeding-process.js', import.meta.url);
const ids = Array.from({ length: 10 }, (_, i) => `id-${i}`);
beforeEach(() => makeSeen(db));

it('two processes fighting for one subscription, one killed under load: each event is handled once', async () => {
  const [children, sender] = await startTwo();
  const load = new Workload(tallyOf(sender));
  let isOver = false;
  const running = load.run(ids, 20, () => isOver);
  for (let deaths = 0; deaths < 2; deaths++) {
    const owner = await ownerAmong(children, sender);
    const before = (await seen(db, 'plain')).length;
    await eventually(async () =>
      expect((await seen(db, 'plain')).length).toBeGreaterThan(before + 50),
    );
    await owner.kill();
    children.splice(children.indexOf(owner), 1, await startOne());
  }
  isOver = true;
  await running;
  await load.settled();
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  await Promise.all(children.map((child) => child.kill()));
});

it('H38 a process that is stopped gives its subscriptions to another, and does no harm when it goes on', async () => {
  const [children, sender] = await startTwo();
  const load = new Workload(tallyOf(sender));
  let isOver = false;
  const running = load.run(ids, 20, () => isOver);
  const owner = await ownerAmong(children, sender);
  await eventually(async () => expect((await seen(db, 'plain')).length).toBeGreaterThan(50));
  owner.signal('SIGSTOP');
  const before = (await seen(db, 'plain')).length;
  await eventually(async () =>
    expect((await seen(db, 'plain')).length).toBeGreaterThan(before + 50),
  );
  const other = children.find((child) => child !== owner)!;
  expect((await infoOf(sender, 'plain'))!.owner).toContain(`/${other.pid}/`);
  owner.signal('SIGCONT');
  const after = (await seen(db, 'plain')).length;
  await eventually(async () =>
    expect((await seen(db, 'plain')).length).toBeGreaterThan(after + 100),
  );
  isOver = true;
  await running;
  await load.settled();
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  await Promise.all(children.map((child) => child.kill()));
});

it('H30 a writer that is killed between its append and telling of it: its events are handled all the same', async () => {
  const reader = await startOne();
  for (let run = 0; run < 3; run++) {
    const child = await startOne(50_000);
    await child.wrote(2 + run * 30);
    await child.kill();
  }
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'wild');
  await reader.kill();
});

it('who writes in one process reads what another one builds of it', async () => {
  const child = await startOne();
  const sender = await db.start();
  for (let i = 0; i < 10; i++) {
    const { position } = await tallyOf(sender).send('a', add('one'), { waitFor: ['plain'] });
    expect((await seen(db, 'plain')).at(-1)!.position).toBe(position);
  }
  await child.kill();
  const late = tallyOf(sender).send('a', add('late'), {
    waitFor: ['plain'],
    waitForTimeoutMs: 100,
  });
  await expect(late).rejects.toMatchObject({ code: 'WaitTimedOut', receipt: { version: 11 } });
});

it('wake-ups cut again and again cost no event', async () => {
  const child = await startOne();
  const sender = await db.start();
  const load = new Workload(tallyOf(sender));
  for (let cut = 0; cut < 5; cut++) {
    await db.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe wake-up' AND datname = current_database()`,
    );
    await Promise.all(ids.map((id) => load.send(id)));
    await expectEachOnce(db, 'plain');
  }
  await child.kill();
});

async function startOne(load = 0): Promise<Child> {
  const env = { URL_OF_DATABASE: db.url, SCHEMA: db.schema, LOAD: String(load) };
  const child = new Child(script, env);
  await child.wrote(1);
  return child;
}

/** Two processes with the consumers, and a runtime here without them. */
async function startTwo(): Promise<[Child[], Runtime]> {
  const children = await Promise.all([startOne(), startOne()]);
  return [children, await db.start()];
}

async function ownerAmong(children: readonly Child[], runtime: Runtime): Promise<Child> {
  return eventually(async () => {
    const { owner } = (await infoOf(runtime, 'plain'))!;
    const child = children.find(({ pid }) => owner?.includes(`/${pid}/`));
    if (!child) throw new Error(`owned by ${owner}`);
    return child;
  });
}
