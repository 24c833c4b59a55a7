import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { execArgvFor, workerFile } from './entry.js';

/**
 * Commands live as long as a commit takes, and events until the views have them. In V8's default young
 * generation most of them would survive two scavenges and be promoted, to be collected by slow major ones.
 */
export const YOUNG_GENERATION_MB = 96;

/** What runs in a thread. */
export interface PooledTask {
  /** The file in `workers/` that it begins with. */
  readonly entry: 'shard' | 'processor' | 'inspector';
  /** The domain module, which it imports. */
  readonly domain: URL;
  /** What the entry is given beside its port. Plain data. */
  readonly task: object;
  /** Size of V8's young generation; its own default if left out. */
  readonly youngGenerationMb?: number;
}

/**
 * A thread of Piscina's: one pool per thread with one task that never ends and owns a port; the port carries
 * all traffic, Piscina spawns and watches.
 */
export class PooledThread {
  readonly port: MessagePort;
  /** Resolves with the cause when the thread has exited and nothing more is to be heard of it. */
  readonly over: Promise<Error>;
  private readonly pool: Piscina;
  private readonly ended: Promise<void>;
  private cause: Error;
  private closing: Promise<void> | undefined;

  constructor({ entry, domain, task, youngGenerationMb }: PooledTask) {
    this.cause = new Error(`the ${entry} thread ended`);
    this.pool = new Piscina({
      filename: workerFile(entry),
      execArgv: execArgvFor(domain),
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      // The default blocks the thread between tasks: its timers and sockets would stop.
      atomics: 'disabled',
      ...(youngGenerationMb && {
        resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      }),
    });
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.ended = endOfThread(this.pool);
    this.pool.on('error', (error: Error) => {
      this.cause = error;
    });
    const run = this.pool.run({ port: port2, task }, { transferList: [port2] });
    const settled = run.catch((error: Error) => {
      this.cause = error;
    });
    // The port closes after the last message was delivered; only then is nothing more to be heard.
    const silent = new Promise<void>((resolve) => port1.once('close', resolve));
    this.over = Promise.all([settled, silent, this.ended]).then(async () => {
      await this.pool.destroy();
      return this.cause;
    });
  }

  /** As `worker_threads` numbers it; undefined once it has exited. */
  get threadId(): number | undefined {
    return this.pool.threads[0]?.threadId;
  }

  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  close(): Promise<void> {
    this.port.close();
    this.closing ??= this.endAll();
    return this.closing;
  }

  /** Ends the thread, and one that the pool may have started in its place when it ended by itself. */
  private async endAll(): Promise<void> {
    await this.pool.destroy();
    // Only the exit of the first one tells that no other will be started.
    await this.ended;
    await this.pool.destroy();
  }
}

/** Resolves when the thread has exited, so that nothing of it runs any more. */
function endOfThread(pool: Piscina): Promise<void> {
  const [thread] = pool.threads;
  return new Promise((resolve) => (thread ? thread.once('exit', () => resolve()) : resolve()));
}
