import { randomInt } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useDatabase } from '../threads/support/use-database.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/alarm-process.js', import.meta.url);
const domain = new URL('../threads/support/alarms.js', import.meta.url);
const RUNS = 4;

it('a process that is killed while timers are set and fire loses none, and none fires twice', async () => {
  const acknowledged = new Set<string>();
  for (let run = 0; run < RUNS; run++) {
    const child = new Child(script, { URL_OF_DATABASE: db.url, SCHEMA: db.schema, RUN: `r${run}` });
    await child.wrote(1 + randomInt(run * 300 + 1));
    await child.kill();
    for (const token of child.lines) acknowledged.add(token);
    await eventually(async () => expect(await db.sessions('%')).toEqual([]));
  }
  const runtime = await db.start({ domain, shards: 2 });
  await vi.waitFor(async () => expect(await pending()).toBe(0), { timeout: 30_000, interval: 50 });
  // The index is a moment behind the log.
  await eventually(async () => expect(await runtime.timers()).toEqual([]));
  const armed = await tokens("'$timers/alarm' AND type = 'armed'", 'key');
  const fired = await tokens("'$timers/alarm' AND type = 'fired'", 'key');
  const rang = await tokens("'alarm'", 'token');
  for (const token of acknowledged) expect(armed).toContain(token);
  expect(armed.length).toBeGreaterThan(RUNS);
  expect(fired).toEqual(armed);
  expect(rang).toEqual(armed);
});

async function tokens(where: string, field: string): Promise<string[]> {
  const { rows } = await db.admin.query<{ token: string }>(
    `SELECT data->>$1 AS token FROM ${db.schema}.events WHERE aggregate = ${where} ORDER BY 1`,
    [field],
  );
  return rows.map(({ token }) => token);
}

/** Armed in the log, and not fired: told without help from what is tested. */
async function pending(): Promise<number> {
  const { rows } = await db.admin.query<{ n: string }>(
    `SELECT count(*) FILTER (WHERE type = 'armed') - count(*) FILTER (WHERE type = 'fired') AS n
     FROM ${db.schema}.events WHERE aggregate = '$timers/alarm'`,
  );
  return Number(rows[0]!.n);
}
