import { once } from 'node:events';
import { startRuntime } from 'troupe';
import { account } from './domain.js';
import { type Depositor, depositData, fullMetadata } from './load.js';
import { NaiveDepositor } from './naive.js';

/** What one process of the bench is told. */
export interface ChildTask {
  readonly url: string;
  readonly schema: string;
  readonly kind: 'troupe' | 'naive';
  readonly ids: number;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly runMs: number;
}

/** What it reports. */
export interface ChildReport {
  readonly commands: number;
  readonly seconds: number;
}

interface Subject {
  readonly depositor: Depositor;
  stop(): Promise<void>;
}

async function open({ kind, url, schema }: ChildTask): Promise<Subject> {
  if (kind === 'naive') {
    const naive = new NaiveDepositor(url, schema);
    return { depositor: naive, stop: () => Promise.resolve() }; // its attempts may go on for long
  }
  const runtime = await startRuntime({
    domain: new URL('./domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema },
    shards: 1,
    freezeState: false,
  });
  return { depositor: runtime.aggregate(account), stop: () => runtime.stop() };
}

/**
 * Keeps `inFlight` commands under way, each to any id, as behind a load balancer; counts those that were
 * answered within a while after the warm-up. What is under way then is not waited for.
 */
async function run(depositor: Depositor, task: ChildTask): Promise<ChildReport> {
  const start = performance.now() + task.warmUpMs;
  const end = start + task.runMs;
  let commands = 0;
  const worker = async (): Promise<void> => {
    for (let now = 0; now < end; ) {
      const n = Math.floor(Math.random() * 1e6);
      const command = { type: 'deposit', data: depositData(n) } as const;
      const id = `account-${Math.floor(Math.random() * task.ids)}`;
      await depositor.send(id, command, { metadata: fullMetadata(n) });
      now = performance.now();
      if (now >= start && now <= end) commands += 1;
    }
  };
  const working = Promise.all(Array.from({ length: task.inFlight }, worker));
  await Promise.race([working, after(task.warmUpMs + task.runMs)]);
  working.catch(() => undefined); // cut off by the end
  return { commands, seconds: task.runMs / 1000 };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const [task] = (await once(process, 'message')) as [ChildTask];
const { depositor, stop } = await open(task);
process.send?.('ready');
await once(process, 'message'); // all processes of a round begin together
process.send?.(await run(depositor, task));
await stop();
process.exit();
