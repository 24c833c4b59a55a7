import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { PostgresOptions } from '../postgres/options.js';
import type { ShardOptions } from '../shard/shard-options.js';
import { execArgvFor, workerFile } from './entry.js';
import type { FromShard, ToShard } from './protocol.js';
import type { LinkEvents, OpenLink, ShardLink, StartedShard } from './shard-link.js';

/**
 * Commands live as long as a commit takes. In V8's default young generation most of them would survive
 * two scavenges and be promoted, to be collected by slow major ones.
 */
const YOUNG_GENERATION_MB = 96;

/** What a shard thread is told at its start, beside its port. Plain data. */
export interface ThreadTask extends StartedShard {
  readonly domain: string;
  readonly store: PostgresOptions;
  readonly options: ShardOptions;
}

/** What all shard threads of a runtime have in common. */
export interface ThreadSetup {
  readonly domain: URL;
  readonly store: PostgresOptions;
  readonly options: ShardOptions;
}

/**
 * Runs each shard in a thread of its own: one Piscina pool per thread with one task that never ends and
 * owns a port; the port carries all traffic, Piscina spawns and watches.
 */
export function threadLinks(setup: ThreadSetup): OpenLink {
  return (start, events) => openThread(setup, start, events);
}

function openThread(setup: ThreadSetup, start: StartedShard, events: LinkEvents): ShardLink {
  const pool = new Piscina({
    filename: workerFile('shard'),
    execArgv: execArgvFor(setup.domain),
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    recordTiming: false,
    // The default blocks the thread between tasks: its timers and sockets would stop.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const { port1, port2 } = new MessageChannel();
  let closing: Promise<void> | undefined;
  let cause = new Error('the shard thread ended');
  const ended = endOfThread(pool);
  pool.on('error', (error: Error) => {
    cause = error;
  });
  port1.on('message', (message: FromShard) => events.message(message));
  const task: ThreadTask = {
    ...start,
    domain: setup.domain.href,
    store: setup.store,
    options: setup.options,
  };
  const run = pool.run({ port: port2, task }, { transferList: [port2] });
  const settled = run.then(
    () => undefined,
    (error: Error) => {
      cause = error;
    },
  );
  // The port closes after the last message was delivered; only then is nothing more to be heard.
  const silent = new Promise<void>((resolve) => port1.once('close', resolve));
  void Promise.all([settled, silent, ended]).then(async () => {
    await pool.destroy();
    if (!closing) events.died(cause);
  });
  return {
    post: (message: ToShard) => port1.postMessage(message),
    close: () => {
      port1.close();
      closing ??= endAll(pool, ended);
      return closing;
    },
  };
}

/** Ends the thread of a pool, and one that the pool may have started in its place when it ended by itself. */
async function endAll(pool: Piscina, ended: Promise<void>): Promise<void> {
  await pool.destroy();
  // Only the exit of the first one tells that no other will be started.
  await ended;
  await pool.destroy();
}

/** Resolves when the thread has exited, so that nothing of it runs any more. */
function endOfThread(pool: Piscina): Promise<void> {
  const [thread] = pool.threads;
  return new Promise((resolve) => (thread ? thread.once('exit', () => resolve()) : resolve()));
}
