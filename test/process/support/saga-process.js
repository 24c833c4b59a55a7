// Places orders, of which a saga ends this process at some point; with PAUSED a subscription is paused before.
import { startRuntime } from 'troupe';
import { order, processing } from '../../threads/support/sagas.js';

const { URL_OF_DATABASE, SCHEMA, PAUSED, ORDERS = '1', SHARDS = '1' } = process.env;
const runtime = await startRuntime({
  domain: new URL('../../threads/support/sagas.js', import.meta.url),
  store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
  shards: Number(SHARDS),
});
if (PAUSED) await runtime.pause(PAUSED);
const orders = runtime.aggregate(order);
for (let n = 0; n < Number(ORDERS); n++)
  await orders.send(`o${n}`, { type: 'place', data: {} }, { idempotencyKey: `o${n}` });
if (PAUSED) {
  await runtime.saga(processing).waitFor('o0', () => true);
  process.stdout.write('stepped\n');
}
setInterval(() => undefined, 1000);
