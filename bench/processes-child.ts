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
  stop(): Promise<unknown>;
}

async function open({ kind, url, schema }: ChildTask): Promise<Subject> {
  if (kind === 'naive') {
    const naive = new NaiveDepositor(url, schema);
    return { depositor: naive, stop: () => naive.close() };
  }
  const runtime = await startRuntime({
    domain: new URL('./domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema },
    shards: 1,
    freezeState: false,
  });
  return { depositor: runtime.aggregate(account), stop: () => runtime.stop() };
}

/** Keeps `inFlight` commands under way for a while; each goes to any id, as behind a load balancer. */
async function run(depositor: Depositor, task: ChildTask, ms: number): Promise<ChildReport> {
  let commands = 0;
  const start = performance.now();
  const end = start + ms;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const n = Math.floor(Math.random() * 1e6);
      const command = { type: 'deposit', data: depositData(n) } as const;
      const id = `account-${Math.floor(Math.random() * task.ids)}`;
      await depositor.send(id, command, { metadata: fullMetadata(n) });
      if (performance.now() <= end) commands += 1;
    }
  };
  await Promise.all(Array.from({ length: task.inFlight }, worker));
  return { commands, seconds: ms / 1000 };
}

const [task] = (await once(process, 'message')) as [ChildTask];
const { depositor, stop } = await open(task);
process.send?.('ready');
await once(process, 'message'); // all processes of a round begin together
await run(depositor, task, task.warmUpMs);
process.send?.(await run(depositor, task, task.runMs));
await stop();
process.disconnect();
