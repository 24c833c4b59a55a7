import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { balances } from './balances.js';
import { account } from './domain.js';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./module.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const accounts = runtime.aggregate(account);

for (const [owner, cents] of Object.entries({ mia: 1_500_00, ben: 70 })) {
  const { id } = await accounts.create({ type: 'open', data: { owner } });
  // The answer comes when the view has it, too.
  await accounts.send(id, { type: 'deposit', data: { cents } }, { waitFor: [balances] });
}

const { items } = await runtime.view(balances).find({
  where: { rich: true },
  orderBy: { cents: 'desc' },
  limit: 10,
});
for (const { document } of items) console.log(document.owner, document.cents);

await runtime.stop();
await postgres.stop();
