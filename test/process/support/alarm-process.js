// Sets timers, forty at a time, and writes a line for each one that is acknowledged, at once.
import { writeSync } from 'node:fs';
import { startRuntime } from 'troupe';
import { alarm } from '../../threads/support/alarms.js';

const { URL_OF_DATABASE, SCHEMA, RUN } = process.env;
const runtime = await startRuntime({
  domain: new URL('../../threads/support/alarms.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: 2,
});
const client = runtime.aggregate(alarm);
let next = 0;

async function lane() {
  for (;;) {
    const n = next++;
    const data = { token: `${RUN}-${n}`, inMs: (n * 37) % 700 };
    await client.send(`id-${n % 10}`, { type: 'set', data });
    writeSync(1, `${data.token}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
await Promise.all(Array.from({ length: 20 }, lane));
