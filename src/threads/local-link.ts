import type { Domain } from '../aggregate/domain.js';
import type { Clock } from '../internal/clock.js';
import type { ShardOptions } from '../shard/shard-options.js';
import type { Store } from '../store/store.js';
import type { FromShard, ToShard } from './protocol.js';
import type { OpenLink } from './shard-link.js';
import { type ShardPort, ShardService } from './shard-service.js';

/** Runs shards in the host's own thread: same messages, same order, delivered in a later turn. */
export function localLinks(
  domain: Domain,
  options: ShardOptions,
  { openStore, clock }: { readonly openStore: () => Store; readonly clock: Clock },
): OpenLink {
  return (start, events) => {
    const toShard = new Turns<ToShard>();
    const toHost = new Turns<FromShard>();
    const port: ShardPort = {
      isRemote: false,
      post: (message) => toHost.post(message),
      onMessage: (handle) => toShard.deliverTo(handle),
    };
    toHost.deliverTo((message) => events.message(message));
    const store = openStore();
    new ShardService(port, store, domain, { ...start, options, clock });
    // What the shard may still be waiting for ends with its store.
    return { post: (message) => toShard.post(message), close: () => store.close() };
  };
}

/** Delivers what is posted in one turn of the event loop together in the next. */
class Turns<T> {
  private waiting: T[] = [];
  private handle: ((message: T) => void) | undefined;

  deliverTo(handle: (message: T) => void): void {
    this.handle = handle;
  }

  post(message: T): void {
    this.waiting.push(message);
    if (this.waiting.length === 1) setImmediate(() => this.deliver());
  }

  private deliver(): void {
    const messages = this.waiting;
    this.waiting = [];
    for (const message of messages) this.handle?.(message);
  }
}
