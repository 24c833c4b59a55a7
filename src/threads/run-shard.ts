import type { MessagePort } from 'node:worker_threads';
import { readDomain, startServices } from '../aggregate/domain.js';
import { toPlainError } from '../messages/plain-error.js';
import { markDomainThread } from './domain-thread.js';
import { openPostgresStore } from './open-store.js';
import type { FromShard, ToShard } from './protocol.js';
import { ShardService } from './shard-service.js';
import type { ThreadTask } from './thread-link.js';

/** What runs inside a shard thread, from start to stop. */
export async function runShard(port: MessagePort, task: ThreadTask): Promise<void> {
  const post = (message: FromShard): void => port.postMessage(message);
  try {
    markDomainThread();
    const module = (await import(task.domain)) as object;
    const domain = await startServices(readDomain(module, task.domain));
    const store = await openPostgresStore(task.store, domain.credentials);
    const onMessage = (handle: (message: ToShard) => void): void => void port.on('message', handle);
    const service = new ShardService({ isRemote: true, post, onMessage }, store, domain, task);
    await service.done;
  } catch (error) {
    post({ failed: toPlainError(error) });
  } finally {
    port.close();
  }
}
