// Sends keyed commands, forty at a time, and writes a line for each one that is acknowledged, at once.
import { writeSync } from 'node:fs';
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA, RUN } = process.env;
const runtime = await startRuntime({
  domain: new URL('../../threads/support/tally.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: 2,
});
const client = runtime.aggregate(tally);
let next = 0;

async function lane() {
  for (;;) {
    const n = next++;
    const token = `${RUN}-${n}`;
    const command = /** @type {const} */ ({ type: 'add', data: { token } });
    const { version } = await client.send(`id-${n % 10}`, command, { idempotencyKey: token });
    writeSync(1, `${n} ${version}\n`);
  }
}
await Promise.all(Array.from({ length: 40 }, lane));
