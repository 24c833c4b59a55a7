import { startRuntime } from 'troupe';
import { account } from './domain.js';

/*
 * A process that starts a runtime, has one command stored, and says so on stdout: the recovery bench
 * measures from outside how long that takes.
 */
const [, , url = '', schema = ''] = process.argv;
const runtime = await startRuntime({
  domain: new URL('./domain.ts', import.meta.url),
  store: { kind: 'postgres', url, schema },
  shards: 2,
});
const data = { amount: 1, reference: 'the first' };
await runtime.aggregate(account).send(`account-${process.pid}`, { type: 'deposit', data });
process.stdout.write('stored\n');
await runtime.stop();
