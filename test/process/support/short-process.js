// Starts a runtime, uses it, stops it, and then has nothing left to do.
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA, SHARDS } = process.env;
const runtime = await startRuntime({
  domain: new URL('../../threads/support/tally.ts', import.meta.url), // stands for the .js beside it
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: Number(SHARDS),
});
const client = runtime.aggregate(tally);
const { version } = await client.send('a', { type: 'add', data: { token: 'one' } });
console.log(`version ${version}`);
await runtime.stop();
console.log('stopped');
process.once('exit', () =>
  console.log(`left: ${process.getActiveResourcesInfo().filter(isOurs).join(' ')}`),
);

/** @param {string} resource */
function isOurs(resource) {
  return /Timeout|TCP|Message|Worker|Immediate/.test(resource);
}
