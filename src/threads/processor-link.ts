import { PooledThread, YOUNG_GENERATION_MB } from './pooled-thread.js';
import type {
  FromProcessor,
  OpenProcessor,
  ProcessorTask,
  StartedProcessor,
  ToProcessor,
} from './processor-protocol.js';
import { ProcessorService, type ProcessorWork } from './processor-service.js';

/** Runs the processor in a thread of its own. */
export function threadProcessor(
  domain: URL,
  given: Pick<ProcessorTask, 'store' | 'sending' | 'indexes' | 'consumers'>,
): OpenProcessor {
  return (start, events) => {
    const task: ProcessorTask = { ...start, ...given, domain: domain.href };
    const thread = new PooledThread({
      ...{ entry: 'processor', domain, task },
      youngGenerationMb: YOUNG_GENERATION_MB,
    });
    thread.port.on('message', (message: FromProcessor) => events.message(message));
    void thread.over.then((cause) => {
      if (!thread.isClosed) events.died(cause);
    });
    return {
      post: (message: ToProcessor, transfer) => thread.port.postMessage(message, transfer),
      close: () => thread.close(),
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
