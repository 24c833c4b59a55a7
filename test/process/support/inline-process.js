// Starts a runtime with an inline projection, and sends a command whose handler never comes to an end.
import { startRuntime } from 'troupe';
import { tally } from '../../threads/support/inline-tally.js';

const { URL_OF_DATABASE, SCHEMA } = process.env;
const runtime = await startRuntime({
  domain: new URL('../../threads/support/inline-tally.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: 1,
});
const client = runtime.aggregate(tally);
await client.send('a', { type: 'add', data: { token: 'one' } });
console.log('stored');
await client.send('a', { type: 'add', data: { token: 'sleep' } });
console.log('never');
