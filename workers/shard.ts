import type { MessagePort } from 'node:worker_threads';
import { runShard } from '../src/threads/run-shard.js';
import type { ThreadTask } from '../src/threads/thread-link.js';

/** Entry of a shard thread: runs until it is told to stop. */
export default function shard({
  port,
  task,
}: {
  port: MessagePort;
  task: ThreadTask;
}): Promise<void> {
  return runShard(port, task);
}
