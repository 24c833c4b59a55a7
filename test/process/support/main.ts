// A service in TypeScript, run by tsx on the package as the environment names it: its sources, or built.
import { account } from '../../../examples/bank/domain.js';

const { PACKAGE, URL_OF_DATABASE = '', SCHEMA = '' } = process.env;
const { startRuntime } = (await import(String(PACKAGE))) as typeof import('troupe');
const runtime = await startRuntime({
  domain: new URL('../../../examples/bank/domain.ts', import.meta.url),
  store: { kind: 'postgres', url: URL_OF_DATABASE, schema: SCHEMA },
  shards: 2,
});
const accounts = runtime.aggregate(account);
await accounts.send('a', { type: 'open', data: { owner: 'Ada' } });
console.log(JSON.stringify(await accounts.state('a')));
await runtime.stop();
