import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Metadata, type Runtime, startRuntime } from 'troupe';
import { account } from './domain.js';
import type { LagTask, Stored } from './lag-child.js';
import { type Deposits, makeDeposits } from './load.js';
import { openLoop } from './open-loop.js';
import { dropSchema } from './server.js';
import { percentile } from './statistics.js';
import { balances } from './views.js';

const SCHEMA = 'bench_lag';
const IDS = 10_000;
const PER_SECOND = 2000;
const WARM_UP_SECONDS = 2;
const SECONDS = 10;
/** Every so many commands one is watched. */
const WATCHED = 20;

/** Milliseconds from a receipt to the view having its event. */
export interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The view in the process that sends the commands. */
export async function localLag(url: string): Promise<Lag> {
  await dropSchema(url, SCHEMA);
  const runtime = await open(url, './one-view-domain.ts');
  const lags: Promise<number>[] = [];
  await steadyLoad(runtime, ({ position, at }) => {
    const reached = runtime.waitFor(balances.name, position);
    lags.push(reached.then(() => performance.timeOrigin + performance.now() - at));
  });
  const lag = lagOf(await Promise.all(lags));
  await runtime.stop();
  return lag;
}

/** The view in a second process, which is told of receipts as any service tells another. */
export async function remoteLag(url: string): Promise<Lag> {
  await dropSchema(url, SCHEMA);
  const runtime = await open(url, './domain.ts');
  const child = fork(new URL('./lag-child.js', import.meta.url));
  try {
    child.send({ url, schema: SCHEMA } satisfies LagTask);
    await told(child);
    await steadyLoad(runtime, (stored) => void child.send(stored));
    child.send('end');
    return lagOf((await told(child)) as number[]);
  } finally {
    child.kill('SIGKILL');
    await runtime.stop();
  }
}

function open(url: string, domain: string): Promise<Runtime> {
  return startRuntime({
    domain: new URL(domain, import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: 1,
    freezeState: false,
  });
}

async function steadyLoad(runtime: Runtime, watch: (stored: Stored) => void): Promise<void> {
  const accounts = runtime.aggregate(account);
  const deposits: Deposits = makeDeposits(PER_SECOND * (WARM_UP_SECONDS + SECONDS));
  const firstWatched = PER_SECOND * WARM_UP_SECONDS;
  await openLoop({
    ...{ perSecond: PER_SECOND, seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS },
    async send(index) {
      const data = deposits.data[index] as { amount: number; reference: string };
      const metadata = deposits.metadata[index] as Metadata;
      const command = { type: 'deposit', data } as const;
      const { position } = await accounts.send(`account-${index % IDS}`, command, { metadata });
      if (index >= firstWatched && index % WATCHED === 0)
        watch({ position, at: performance.timeOrigin + performance.now() });
    },
  });
}

function lagOf(lags: readonly number[]): Lag {
  const sorted = [...lags].sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

async function told(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [unknown];
  return message;
}
