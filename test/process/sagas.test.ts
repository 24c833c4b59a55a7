import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from 'troupe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processing } from '../threads/support/sagas.js';
import { useDatabase } from '../threads/support/use-database.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/saga-process.js', import.meta.url);
const domain = new URL('../threads/support/sagas.js', import.meta.url);
let folder: string;
let charges: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-saga-'));
  charges = join(folder, 'charges');
  process.env.CHARGES = charges;
});
afterEach(async () => {
  delete process.env.CHARGES;
  await rm(folder, { recursive: true });
});

function child(env: Record<string, string>): Child {
  const { url, schema } = db;
  return new Child(script, { URL_OF_DATABASE: url, SCHEMA: schema, CHARGES: charges, ...env });
}

/** What is in the log, told without help from what is tested. */
async function log(where: string, field: string): Promise<string[]> {
  const { rows } = await db.admin.query<{ it: string }>(
    `SELECT ${field} AS it FROM ${db.schema}.events WHERE ${where} ORDER BY position`,
  );
  return rows.map(({ it }) => it);
}

async function settled(runtime: Runtime, id = 'o0') {
  await runtime.saga(processing).waitFor(id, 'done', { timeoutMs: 30_000 });
  const chargedWith = (await readFile(charges, 'utf8')).trim().split('\n');
  return {
    jobs: await log(`aggregate = 'job' AND id = '${id}'`, `data->>'what'`),
    inputs: await log(
      `aggregate = '$saga/processing' AND id = '${id}'`,
      `data->'input'->>'kind' || ' ' || (data->>'became')`,
    ),
    charges: chargedWith.filter((line) => line.startsWith(`${id} `)),
  };
}

const ONCE = {
  jobs: ['first', 'second'],
  inputs: ['event moved', 'outcome moved', 'effect moved', 'timer moved', 'outcome moved'],
};

describe('a process that is killed (kill -9) in a step of a saga leaves one effect of it', () => {
  it.each([
    ['before its commit', 'step', 1],
    ['when its command was sent, before that is committed', 'command first', 1],
    ['when its command was relayed, before the checkpoint of the relay', 'outcome', 1],
    ['when its effect is done, before that is recorded', 'effect', 2],
    ['when the result of its effect is on its way', 'result', 2],
    ['when its timer was claimed, before that is delivered', 'timer', 1],
    ['after its timer, when what that sent is on its way', 'command second', 1],
  ])('%s', async (_window, point, attempts) => {
    const first = child({ CRASH_AT: point });
    expect(await first.exit(), first.stderr).toBe(null);
    const runtime = await db.start({ domain, shards: 2 });
    const { charges: keys, ...once } = await settled(runtime);
    expect(once).toEqual(ONCE);
    // The service runs at least once, and is told so: with the same key.
    expect(keys).toHaveLength(attempts);
    expect(new Set(keys).size).toBe(1);
  });

  it('after its commit, before its command is relayed', async () => {
    const first = child({ PAUSED: '$saga/processing/commands' });
    await first.wrote(1);
    await first.kill();
    expect(await log("aggregate = 'job'", 'type')).toEqual([]);
    const runtime = await db.start({ domain, shards: 2 });
    await runtime.resume('$saga/processing/commands');
    const { charges: keys, ...once } = await settled(runtime);
    expect(once).toEqual(ONCE);
    expect(keys).toHaveLength(1);
  });

  it('and two processes on one log do it once as well', async () => {
    const other = await db.start({ domain, shards: 1 });
    const runtime = await db.start({ domain, shards: 2 });
    const orders = Array.from({ length: 40 }, (_, n) => `o${n}`);
    const first = child({ ORDERS: '40', SHARDS: '2' });
    await runtime.saga(processing).waitFor('o10', () => true);
    await first.kill();
    const third = child({ ORDERS: '40' });
    for (const id of orders) {
      const { charges: _, ...once } = await settled(Number(id.slice(1)) % 2 ? other : runtime, id);
      expect(once).toEqual(ONCE);
    }
    await third.kill();
  });
});
