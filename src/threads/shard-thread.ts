import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { execArgvFor, workerFile } from './entry.js';
import type { ThreadSetup } from './run-shard.js';

/**
 * Commands live as long as a commit takes. In V8's default young generation most of them would survive
 * two scavenges and be promoted, to be collected by slow major ones.
 */
const YOUNG_GENERATION_MB = 96;

/**
 * A thread that has imported the domain module and waits for the shard that it shall run: one Piscina pool
 * per thread with one task that never ends and owns a port; the port carries all traffic, Piscina spawns
 * and watches.
 */
export class ShardThread {
  readonly port: MessagePort;
  /** Resolves with the cause when the thread has exited and nothing more is to be heard of it. */
  readonly over: Promise<Error>;
  private readonly pool: Piscina;
  private readonly ended: Promise<void>;
  private cause = new Error('the shard thread ended');
  private closing: Promise<void> | undefined;

  constructor(setup: ThreadSetup) {
    this.pool = new Piscina({
      filename: workerFile('shard'),
      execArgv: execArgvFor(new URL(setup.domain)),
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      // The default blocks the thread between tasks: its timers and sockets would stop.
      atomics: 'disabled',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.ended = endOfThread(this.pool);
    this.pool.on('error', (error: Error) => {
      this.cause = error;
    });
    const run = this.pool.run({ port: port2, task: setup }, { transferList: [port2] });
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
