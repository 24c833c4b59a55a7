import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { giftCard, order } from './domain.js';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./domain.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const cards = runtime.aggregate(giftCard);
const orders = runtime.aggregate(order);

await cards.send('coffee', { type: 'print', data: { name: 'Coffee', cents: 500 } });

// Everything of one sale is found by its correlation id.
const metadata = { correlationId: 'sale-1', principal: 'mia' };
const { id } = await orders.create({ type: 'place', data: { user: 'mia' } }, { metadata });
const coffee = await cards.state('coffee');
const item = { card: 'coffee', amount: 2, cents: coffee?.state.cents ?? 0 };
await orders.send(id, { type: 'add', data: item }, { metadata });
await orders.send(id, { type: 'validate', data: {} }, { metadata });

for await (const { aggregate, type, metadata } of runtime.events())
  console.log(aggregate, type, metadata.principal ?? '-');

await runtime.stop();
await postgres.stop();
