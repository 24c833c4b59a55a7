import type { MessagePort } from 'node:worker_threads';
import { readDomain, startServices } from '../aggregate/domain.js';
import { toPlainError } from '../messages/plain-error.js';
import type { PostgresOptions } from '../postgres/options.js';
import type { ShardOptions } from '../shard/shard-options.js';
import { markDomainThread } from './domain-thread.js';
import { openPostgresStore } from './open-store.js';
import type { FromShard, ToShard } from './protocol.js';
import type { StartedShard } from './shard-link.js';
import { ShardService } from './shard-service.js';

/** What all shard threads of a runtime have in common. Plain data. */
export interface ThreadSetup {
  readonly domain: string;
  readonly store: PostgresOptions;
  readonly options: ShardOptions;
}

/** What runs inside a shard thread, from start to stop. The first message says which shard it is. */
export async function runShard(port: MessagePort, task: ThreadSetup): Promise<void> {
  const post = (message: FromShard): void => port.postMessage(message);
  try {
    markDomainThread();
    const module = (await import(task.domain)) as object;
    const domain = await startServices(readDomain(module, task.domain));
    const store = await openPostgresStore(task.store, domain.credentials);
    const onMessage = (handle: (message: ToShard) => void): void => void port.on('message', handle);
    const start = await new Promise<StartedShard>((resolve) => port.once('message', resolve));
    const { options } = task;
    const service = new ShardService({ isRemote: true, post, onMessage }, store, domain, {
      ...start,
      options,
    });
    await service.done;
  } catch (error) {
    post({ failed: toPlainError(error) });
  } finally {
    port.close();
  }
}
