import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { shardsOf, withholdCredit } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf } from './support/workload.js';

const db = useDatabase();
const KIB = 1024;
const CREDIT = 16 * KIB * KIB;
const ANSWER = 500 * KIB;

it('answers that a slow host does not take wait in the shard, and all of them arrive', async () => {
  const runtime = await db.start();
  const [shard] = shardsOf(runtime);
  const credit = withholdCredit(shard!);
  const client = tallyOf(runtime);
  let answered = 0;
  const sends = Array.from({ length: 80 }, async () => {
    const { version } = await client.send('a', add('x'.repeat(ANSWER)));
    answered += 1;
    return version;
  });
  await eventually(async () => expect(await db.rows()).toHaveLength(80));
  // A page is not held back: when it comes, all that was posted before it has come.
  await client.events('a', { after: 79 }).next();
  expect(credit.receivedBytes).toBeGreaterThan(CREDIT - ANSWER);
  expect(credit.receivedBytes).toBeLessThan(CREDIT + 3 * ANSWER);
  expect(answered).toBeLessThan(40);

  credit.give();
  expect(await Promise.all(sends)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
});

it('a host that is blocked meanwhile gets every answer', async () => {
  const runtime = await db.start();
  const client = tallyOf(runtime);
  const sends = Array.from({ length: 80 }, () => client.send('a', add('x'.repeat(ANSWER))));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve))); // they are posted
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  const receipts = await Promise.all(sends);
  expect(receipts.map((receipt) => receipt.version)).toEqual(receipts.map((_, i) => i + 1));
});
