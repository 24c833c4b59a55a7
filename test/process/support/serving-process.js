// A service: owns the log or stands by, sends keyed commands for as long as it lives, and writes what it
// hears of them, at once: `ok N VERSION`, `no N CODE`, `own`, `standby PID`, `stopped`.
import { writeSync } from 'node:fs';
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA, RUN, SHARDS = '1', LEASE_MS = '3000' } = process.env;
const tell = (/** @type {string} */ line) => writeSync(1, `${line}\n`);

const runtime = await startRuntime({
  domain: new URL('../../threads/support/tally.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: Number(SHARDS),
  ownership: 'exclusive',
  leaseMs: Number(LEASE_MS),
});
const status = () => tell(runtime.ownership.role === 'active' ? 'own' : 'standby');
status();
runtime.on('ownership', status);
const client = runtime.aggregate(tally);
let next = 0;
let ending = false;

async function lane() {
  while (!ending) {
    const n = next++;
    const token = `${RUN}-${n}`;
    const command = /** @type {const} */ ({ type: 'add', data: { token } });
    try {
      const { version } = await client.send(`id-${n % 10}`, command, { idempotencyKey: token });
      tell(`ok ${n} ${version}`);
    } catch (error) {
      const { code, details } = /** @type {import('troupe').TroupeError} */ (error);
      const owner = /** @type {import('troupe').Owner | undefined} */ (details.owner);
      tell(`no ${n} ${code} ${owner?.pid ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
process.on('SIGTERM', async () => {
  ending = true;
  await runtime.stop();
  tell('stopped');
});
await Promise.all(Array.from({ length: 10 }, lane));
