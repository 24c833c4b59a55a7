import type { FromShard, ToShard } from './protocol.js';
import type { ThreadSetup } from './run-shard.js';
import type { LinkEvents, OpenLink, ShardLink, StartedShard } from './shard-link.js';
import { ShardThread } from './shard-thread.js';

/** Runs each shard in a thread of its own, and has threads ready for those to come if told to. */
export class ThreadLinks {
  private ready: ShardThread[] = [];

  constructor(private readonly setup: ThreadSetup) {}

  readonly open: OpenLink = (start, events) => openLink(this.take(), start, events);

  /** Starts so many threads that wait for their shard: who stands by takes over without importing anything. */
  prepare(count: number): void {
    while (this.ready.length < count) this.ready.push(new ShardThread(this.setup));
  }

  /** Ends those that were not needed. */
  async discard(): Promise<void> {
    await Promise.all(this.ready.splice(0).map((thread) => thread.close()));
  }

  /** One that ended while it waited is used all the same: its shard hears of it, and gets another. */
  private take(): ShardThread {
    return this.ready.shift() ?? new ShardThread(this.setup);
  }
}

function openLink(thread: ShardThread, start: StartedShard, events: LinkEvents): ShardLink {
  thread.port.on('message', (message: FromShard) => events.message(message));
  thread.port.postMessage(start);
  void thread.over.then((cause) => {
    if (!thread.isClosed) events.died(cause);
  });
  return {
    post: (message: ToShard) => thread.port.postMessage(message),
    close: () => thread.close(),
  };
}
