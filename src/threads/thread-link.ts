import { PooledThread, YOUNG_GENERATION_MB } from './pooled-thread.js';
import type { FromShard, ToShard } from './protocol.js';
import type { ThreadSetup } from './run-shard.js';
import type { LinkEvents, OpenLink, ShardLink, StartedShard } from './shard-link.js';

/** Runs each shard in a thread of its own, and has threads ready for those to come if told to. */
export class ThreadLinks {
  private ready: PooledThread[] = [];

  constructor(private readonly setup: ThreadSetup) {}

  readonly open: OpenLink = (start, events) => openLink(this.take(), start, events);

  /** Starts so many threads that wait for their shard: who stands by takes over without importing anything. */
  prepare(count: number): void {
    while (this.ready.length < count) this.ready.push(newThread(this.setup));
  }

  /** Ends those that were not needed. */
  async discard(): Promise<void> {
    await Promise.all(this.ready.splice(0).map((thread) => thread.close()));
  }

  /** One that ended while it waited is used all the same: its shard hears of it, and gets another. */
  private take(): PooledThread {
    return this.ready.shift() ?? newThread(this.setup);
  }
}

/** Imports the domain module and waits for the shard that it shall run. */
function newThread(setup: ThreadSetup): PooledThread {
  return new PooledThread({
    ...{ entry: 'shard', domain: new URL(setup.domain), task: setup },
    youngGenerationMb: YOUNG_GENERATION_MB,
  });
}

function openLink(thread: PooledThread, start: StartedShard, events: LinkEvents): ShardLink {
  thread.port.on('message', (message: FromShard) => events.message(message));
  thread.port.postMessage(start);
  void thread.over.then((cause) => {
    if (!thread.isClosed) events.died(cause);
  });
  return {
    post: (message: ToShard, transfer) => thread.port.postMessage(message, transfer),
    thread: thread.threadId,
    close: () => thread.close(),
  };
}
