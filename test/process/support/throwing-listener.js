// Listens to what the runtime tells, and throws; the process goes on, since it says so.
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA } = process.env;
process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`));
const runtime = await startRuntime({
  domain: new URL('../../threads/support/tally.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: 1,
});
runtime.on('degraded', () => {
  throw new Error('a mistake of the listener');
});
const client = runtime.aggregate(tally);
const { version } = await client.send('a', { type: 'exit', data: { token: 'one', deaths: 1 } });
console.log(`version ${version}`);
await runtime.stop();
