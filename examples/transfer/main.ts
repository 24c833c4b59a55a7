import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { account, transfer } from './domain.js';
import { moneyTransfer } from './money-transfer.js';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./module.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const accounts = runtime.aggregate(account);
const transfers = runtime.aggregate(transfer);
const sagas = runtime.saga(moneyTransfer);

async function move(cents: number, from: string, to: string): Promise<string> {
  const { id } = await transfers.create({ type: 'request', data: { from, to, cents } });
  await transfers.send(id, { type: 'confirm', data: {} });
  const { value } = await sagas.waitFor(id, 'done');
  const left = await Promise.all([from, to].map((one) => accounts.state(one)));
  console.log(value, ...left.map((one) => one?.state.balance));
  return id;
}

const open = (owner: string) => accounts.create({ type: 'open', data: { owner } });
const [mia, ben] = [await open('mia'), await open('ben')];
await accounts.send(mia.id, { type: 'deposit', data: { cents: 1000 } });

await move(300, mia.id, ben.id);
await move(900, mia.id, ben.id); // there is not that much any more
await accounts.send(ben.id, { type: 'close', data: {} });
const last = await move(500, mia.id, ben.id);

for await (const { step, input, snapshot, commands } of sagas.history(last))
  console.log(step, input.kind, snapshot?.value, ...commands.map(({ type }) => type));

await runtime.stop();
await postgres.stop();
