import { once } from 'node:events';
import { startRuntime } from 'troupe';
import { balances } from './views.js';

/** What the second process is told first. */
export interface LagTask {
  readonly url: string;
  readonly schema: string;
}

/** A command that the first process has got a receipt for. */
export interface Stored {
  readonly position: number;
  /** When it had the receipt. Unix milliseconds, with fractions. */
  readonly at: number;
}

/** Runs the view, and tells how long after the receipt it had each event. */
async function main(): Promise<void> {
  const [{ url, schema }] = (await once(process, 'message')) as [LagTask];
  const runtime = await startRuntime({
    domain: new URL('./one-view-domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema },
    shards: 1,
  });
  const lags: Promise<number>[] = [];
  process.on('message', (given: Stored | 'end') => {
    if (given !== 'end') lags.push(lagOf(given));
    else void report();
  });
  const lagOf = async ({ position, at }: Stored): Promise<number> => {
    await runtime.waitFor(balances.name, position);
    return performance.timeOrigin + performance.now() - at;
  };
  const report = async (): Promise<void> => {
    process.send?.(await Promise.all(lags));
    await runtime.stop();
    process.exit();
  };
  process.send?.('ready');
}

await main();
