import type { MessagePort } from 'node:worker_threads';
import { readDomain } from '../aggregate/domain.js';
import { indexConsumers } from '../dispatcher/indexes.js';
import { readConsumers } from '../dispatcher/processor.js';
import { toPlainError } from '../messages/plain-error.js';
import { PostgresIndexTables } from '../postgres/index-tables.js';
import { resolvePostgres } from '../postgres/options.js';
import { markDomainThread } from './domain-thread.js';
import { openPostgresStore, openPostgresSubscriptions } from './open-store.js';
import type { FromProcessor, ProcessorTask, ToProcessor } from './processor-protocol.js';
import { ProcessorService } from './processor-service.js';

/** What runs inside the processor thread, from start to stop. */
export async function runProcessor(port: MessagePort, task: ProcessorTask): Promise<void> {
  const post = (message: FromProcessor): void => port.postMessage(message);
  try {
    markDomainThread();
    const domain = readDomain((await import(task.domain)) as object, task.domain);
    const { schema } = resolvePostgres(task.store);
    // As in the host, and in its order.
    const consumers = [
      ...readConsumers(domain.module, { schema }, domain.readers.values()),
      ...indexConsumers(task.indexes, new PostgresIndexTables(schema)),
    ];
    const { leaseMs } = task;
    const subscriptions = await openPostgresSubscriptions(
      task.store,
      { leaseMs, batches: consumers.length },
      domain.credentials,
    );
    const store = await openPostgresStore(task.store, domain.credentials);
    const onMessage = (handle: (message: ToProcessor) => void): void =>
      void port.on('message', handle);
    const work = { domain, consumers, store, subscriptions };
    await new ProcessorService({ post, onMessage }, work, task).done;
  } catch (error) {
    post({ failed: toPlainError(error) });
  } finally {
    port.close();
  }
}
