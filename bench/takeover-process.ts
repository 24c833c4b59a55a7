import { setTimeout as pause } from 'node:timers/promises';
import { startRuntime } from 'troupe';
import { account } from './domain.js';

/*
 * One of the two processes of the take-over bench: sends one command after the other, and tells its
 * parent each time that it is refused for the first time or accepted for the first time after that.
 */
const { TROUPE_BENCH_URL = '', TROUPE_BENCH_SCHEMA = '' } = process.env;
const RETRY_MS = 5;

const runtime = await startRuntime({
  domain: new URL('./domain.ts', import.meta.url),
  store: { kind: 'postgres', url: TROUPE_BENCH_URL, schema: TROUPE_BENCH_SCHEMA },
  shards: 1,
  ownership: 'exclusive',
});
let ending = false;
process.on('SIGTERM', () => {
  ending = true;
  void runtime.stop();
});

const accounts = runtime.aggregate(account);
let last = '';
for (let i = 0; !ending; i++) {
  const deposit = { type: 'deposit', data: { amount: 1, reference: 'bench' } } as const;
  const heard = await accounts.send(`account-${i % 100}`, deposit).then(
    () => 'accepted',
    () => 'refused',
  );
  if (heard !== last) process.stdout.write(`${heard}\n`);
  last = heard;
  if (heard === 'refused') await pause(RETRY_MS);
}
