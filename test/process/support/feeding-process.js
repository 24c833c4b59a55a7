// Runs the consumers of the domain until it is ended; with LOAD it sends commands, too.
import { writeSync } from 'node:fs';
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA, LOAD, FEEDS, DOMAIN = 'feeds', SHARDS } = process.env;
const runtime = await startRuntime({
  domain: new URL(FEEDS ?? `../../threads/support/${DOMAIN}.js`, import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: Number(SHARDS ?? 1),
});
writeSync(1, 'ready\n');
const client = runtime.aggregate(tally);
for (let n = 0; n < Number(LOAD); n++) {
  const command = /** @type {const} */ ({ type: 'add', data: { token: `${process.pid}-${n}` } });
  await Promise.all([0, 1, 2, 3].map((i) => client.send(`${process.pid}-${i}`, command)));
  writeSync(1, `${n}\n`);
}
