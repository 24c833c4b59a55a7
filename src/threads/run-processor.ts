import type { MessagePort } from 'node:worker_threads';
import { type Domain, readDomain } from '../aggregate/domain.js';
import { indexConsumers } from '../dispatcher/indexes.js';
import type { Consumer } from '../dispatcher/subscription.js';
import type { Dispatch } from '../messages/answer.js';
import { toPlainError } from '../messages/plain-error.js';
import type { Sending } from '../messages/sending.js';
import { PostgresIndexTables } from '../postgres/index-tables.js';
import type { Store } from '../store/store.js';
import type { ViewAccess } from '../store/view-tables.js';
import { markDomainThread } from './domain-thread.js';
import { openPostgresStore, openPostgresSubscriptions, openPostgresViews } from './open-store.js';
import type { FromProcessor, ProcessorTask, ToProcessor } from './processor-protocol.js';
import { ProcessorService } from './processor-service.js';

/** Makes the consumers of a domain. */
export type ConsumersOf = (
  domain: Domain,
  parts: { readonly access: ViewAccess; readonly sending: Sending; readonly log: Store },
) => (dispatch: Dispatch) => readonly Consumer[];

/** What runs inside the processor thread, from start to stop. */
export async function runProcessor(
  port: MessagePort,
  task: ProcessorTask,
  consumersOf: ConsumersOf,
): Promise<void> {
  const post = (message: FromProcessor): void => port.postMessage(message);
  let access: ViewAccess | undefined;
  try {
    markDomainThread();
    const domain = readDomain((await import(task.domain)) as object, task.domain);
    access = await openPostgresViews(task.store, domain.credentials);
    const { leaseMs, sending } = task;
    const subscriptions = await openPostgresSubscriptions(
      task.store,
      { leaseMs, batches: task.consumers },
      domain.credentials,
    );
    const store = await openPostgresStore(task.store, domain.credentials);
    const ofDomain = consumersOf(domain, { access, sending, log: store });
    const tables = new PostgresIndexTables(access.schema);
    // As in the host, and in its order.
    const consumers = (dispatch: Dispatch): readonly Consumer[] => [
      ...ofDomain(dispatch),
      ...indexConsumers(task.indexes, tables),
    ];
    const onMessage = (handle: (message: ToProcessor) => void): void =>
      void port.on('message', handle);
    const work = { domain, consumers, store, subscriptions };
    await new ProcessorService({ post, onMessage }, work, task).done;
  } catch (error) {
    post({ failed: toPlainError(error) });
  } finally {
    await access?.close();
    port.close();
  }
}
