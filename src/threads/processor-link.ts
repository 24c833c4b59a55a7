import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { PostgresOptions } from '../postgres/options.js';
import { execArgvFor, workerFile } from './entry.js';
import type {
  FromProcessor,
  OpenProcessor,
  ProcessorTask,
  StartedProcessor,
  ToProcessor,
} from './processor-protocol.js';
import { ProcessorService, type ProcessorWork } from './processor-service.js';

/** Runs the processor in a thread of its own, as shards are run: one pool, one task that never ends. */
export function threadProcessor(domain: URL, store: PostgresOptions): OpenProcessor {
  return (start, events) => {
    const pool = new Piscina({
      filename: workerFile('processor'),
      execArgv: execArgvFor(domain),
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      // The default blocks the thread between tasks: its timers and sockets would stop.
      atomics: 'disabled',
    });
    const { port1, port2 } = new MessageChannel();
    const [thread] = pool.threads;
    const ended = new Promise<void>((resolve) =>
      thread ? thread.once('exit', () => resolve()) : resolve(),
    );
    let cause = new Error('the processor thread ended');
    const note = (error: Error): void => {
      cause = error;
    };
    pool.on('error', note);
    port1.on('message', (message: FromProcessor) => events.message(message));
    const task: ProcessorTask = { ...start, domain: domain.href, store };
    const settled = pool
      .run({ port: port2, task }, { transferList: [port2] })
      .then(() => undefined, note);
    // The port closes after the last message was delivered; only then is nothing more to be heard.
    const silent = new Promise<void>((resolve) => port1.once('close', resolve));
    let closing: Promise<void> | undefined;
    void Promise.all([settled, silent, ended]).then(async () => {
      await pool.destroy();
      if (!closing) events.died(cause);
    });
    return {
      post: (message: ToProcessor) => port1.postMessage(message),
      close: () => {
        port1.close();
        closing ??= pool
          .destroy()
          .then(() => ended)
          // Only the exit of the first thread tells that no other will be started in its place.
          .then(() => pool.destroy());
        return closing;
      },
    };
  };
}

/** Runs the processor in the host's own thread: same messages, delivered in a later turn. */
export function localProcessor(work: () => ProcessorWork): OpenProcessor {
  return (start: StartedProcessor, events) => {
    const opened = work();
    let receive: ((message: ToProcessor) => void) | undefined;
    const port = {
      post: (message: FromProcessor) => void setImmediate(() => events.message(message)),
      onMessage: (handle: (message: ToProcessor) => void) => {
        receive = handle;
      },
    };
    new ProcessorService(port, opened, start);
    return {
      post: (message) => void setImmediate(() => receive?.(message)),
      // What it may still be waiting for ends with its connections.
      close: async () =>
        void (await Promise.allSettled([opened.subscriptions.close(), opened.store.close()])),
    };
  };
}
