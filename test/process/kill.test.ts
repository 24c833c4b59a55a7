import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useDatabase } from '../threads/support/use-database.js';
import { add, expectNoLostUpdate, tallyOf } from '../threads/support/workload.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/busy-process.js', import.meta.url);
const RUNS = 5;

it('a process that is killed under load loses nothing that it acknowledged, and the next one goes on', async () => {
  const acknowledged = new Map<string, number>();
  let sent = 0;
  for (let run = 0; run < RUNS; run++) {
    const child = new Child(script, { URL_OF_DATABASE: db.url, SCHEMA: db.schema, RUN: `r${run}` });
    await child.wrote(1 + randomInt(run * 200 + 1));
    await child.kill();
    // What its sessions have begun may still be stored.
    await eventually(async () => expect(await db.sessions('%')).toEqual([]));
    for (const line of child.lines) {
      const [n, version] = line.split(' ').map(Number);
      acknowledged.set(`r${run}-${n}`, version!);
      sent = Math.max(sent, n! + 1);
    }
  }
  const before = await db.rows();
  expectNoLostUpdate(before);
  const stored = new Map(before.map((row) => [row.data.token, row.version]));
  expect(stored.size, 'no token twice').toBe(before.length);
  for (const [token, version] of acknowledged) expect(stored.get(token), token).toBe(version);

  // Sent again with its key, each has its first outcome or, if it was never executed, its only one.
  const client = tallyOf(await db.start({ shards: 2 }));
  const again = Array.from({ length: sent + 40 }, async (_, n) => {
    for (let run = 0; run < RUNS; run++) {
      const token = `r${run}-${n}`;
      const receipt = await client.send(`id-${n % 10}`, add(token), { idempotencyKey: token });
      expect(receipt.deduplicated, token).toBe(stored.has(token));
      if (stored.has(token)) expect(receipt.version, token).toBe(stored.get(token));
    }
  });
  await Promise.all(again);
  const after = await db.rows();
  expectNoLostUpdate(after);
  expect(after).toHaveLength(RUNS * (sent + 40));
  expect(new Set(after.map((row) => row.data.token)).size).toBe(after.length);
});
