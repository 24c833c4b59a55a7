import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import {
  caughtUp,
  expectEchoes,
  expectTallies,
  expectTokens,
  outFile,
  readersUrl,
} from '../threads/support/reading.js';
import { infoOf } from '../threads/support/seen.js';
import { useDatabase } from '../threads/support/use-database.js';
import { tallyOf, Workload } from '../threads/support/workload.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/feeding-process.js', import.meta.url);
const ids = Array.from({ length: 10 }, (_, i) => `id-${i}`);
beforeEach(() => void outFile());

it('H38 processes fighting for the same views, killed under load: each event once in the view', async () => {
  const children = [await startOne(), await startOne()];
  const here = await db.start({ domain: readersUrl });
  const load = new Workload(tallyOf(here));
  let isOver = false;
  // A trickle: a handler sends one command after the other.
  onTestFinished(() => {
    isOver = true;
  });
  const running = (async () => {
    for (let i = 0; !isOver; i++) {
      await load.send(ids[i % ids.length]!);
      await pause(5);
    }
  })();
  for (let deaths = 0; deaths < 2; deaths++) {
    await moved();
    const { owner } = (await infoOf(here, 'tallies'))!;
    const child = children.find(({ pid }) => owner?.includes(`/${pid}/`));
    if (!child) break; // it is ours by now
    await child.kill();
  }
  await moved();
  isOver = true;
  await running;
  await load.settled();
  await caughtUp(here, 'tallies', 'tokens', 'echo');
  await expectTallies(db, here);
  await expectTokens(db);
  await expectEchoes(db);
  await Promise.all(children.map((child) => child.kill()));

  async function moved(): Promise<void> {
    const { position } = (await infoOf(here, 'tallies'))!;
    await eventually(async () =>
      expect((await infoOf(here, 'tallies'))!.position).toBeGreaterThan(position + 50),
    );
  }
});

async function startOne(): Promise<Child> {
  const env = { URL_OF_DATABASE: db.url, SCHEMA: db.schema, DOMAIN: 'readers' };
  const child = new Child(script, { ...env, OUT_FILE: String(process.env.OUT_FILE) });
  await child.wrote(1);
  return child;
}
