import { beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { expectEachOnce, makeSeen, seen } from '../threads/support/seen.js';
import { useDatabase } from '../threads/support/use-database.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/feeding-process.js', import.meta.url);
beforeEach(() => makeSeen(db));

it('two processes on one log, each writing and each with consumers of its own: both see all events in order', async () => {
  const children = await startBoth();
  await Promise.all(children.map((child) => child.wrote(300)));
  for (const name of ['plain', 'other'])
    await eventually(async () => expect((await seen(db, name)).length).toBeGreaterThan(500));
  await Promise.all(children.map((child) => child.kill())); // with commits under way
  await readOut();
});

it('wake-ups of both are cut again and again meanwhile', async () => {
  const children = await startBoth();
  for (let cut = 1; cut <= 5; cut++) {
    await db.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe wake-up' AND datname = current_database()`,
    );
    await Promise.all(children.map((child) => child.wrote(cut * 50)));
  }
  await Promise.all(children.map((child) => child.kill()));
  await readOut();
});

/** Nothing more is written, and nobody tells: others take over and see what there is. */
async function readOut(): Promise<void> {
  const children = await startBoth(0);
  await expectEachOnce(db, 'plain');
  await expectEachOnce(db, 'other');
  await Promise.all(children.map((child) => child.kill()));
}

async function startBoth(load = 50_000): Promise<Child[]> {
  const children = ['../../threads/support/feeds.js', './feeds-other.js'].map((feeds) => {
    const env = { URL_OF_DATABASE: db.url, SCHEMA: db.schema, LOAD: String(load) };
    return new Child(script, { ...env, FEEDS: feeds, SHARDS: '2' });
  });
  await Promise.all(children.map((child) => child.wrote(1)));
  return children;
}
