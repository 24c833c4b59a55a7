import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { alarm } from './support/alarms.js';
import { watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';

const db = useDatabase();
const domain = new URL('./support/alarms.js', import.meta.url);

async function rang(): Promise<string[]> {
  const rows = (await db.rows()).filter(({ type }) => type === 'rang');
  return rows.map(({ data }) => data.token);
}

it.each([0, 2])('timers fire when they are due, with shards: %i', async (shards) => {
  const runtime = await db.start({ domain, shards });
  const alarms = runtime.aggregate(alarm);
  const set = (token: string, inMs: number) =>
    alarms.send(`id-${token}`, { type: 'set', data: { token, inMs } });
  await set('far', 10_000_000);
  await set('late', 400);
  await set('soon', 100);
  await set('off', 300);
  await alarms.send('id-off', { type: 'unset', data: { token: 'off' } });
  await eventually(async () => expect(await rang()).toEqual(['soon', 'late']));
  await eventually(async () => {
    const left = await runtime.timers({ aggregate: 'alarm' });
    expect(left).toMatchObject([{ id: 'id-far', key: 'far', command: { type: 'ring' } }]);
  });
});

it('timers fire once each although threads end again and again', async () => {
  const threads = watchThreads();
  const runtime = await db.start({ domain, shards: 2 });
  const alarms = runtime.aggregate(alarm);
  const tokens = Array.from({ length: 300 }, (_, n) => `t${n}`);
  await Promise.all(
    tokens.map((token, n) =>
      alarms.send(`id-${n % 20}`, { type: 'set', data: { token, inMs: 300 + 5 * n } }),
    ),
  );
  for (let deaths = 0; deaths < 3; deaths++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const thread of [...threads]) await thread.terminate();
  }
  await eventually(async () => expect(new Set(await rang()).size).toBe(300));
  expect(await rang()).toHaveLength(300);
});
