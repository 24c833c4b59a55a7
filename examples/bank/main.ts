import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { account } from './domain.js';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./domain.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const accounts = runtime.aggregate(account);

const { id } = await accounts.create({ type: 'open', data: { owner: 'mia' } });
await accounts.send(id, { type: 'deposit', data: { cents: 5000 } });
await accounts.send(id, { type: 'withdraw', data: { cents: 1200 } });

const result = await accounts.trySend(id, { type: 'withdraw', data: { cents: 9900 } });
if (!result.ok && result.shortCode === 'OVERDRAWN')
  console.log(`rejected: only ${result.details.balance} cents left`);

console.log(await accounts.state(id));
for await (const event of accounts.events(id)) console.log(event.version, event.type, event.data);

await runtime.stop();
await postgres.stop();
