import type { MessagePort } from 'node:worker_threads';
import { runShard, type ThreadSetup } from '../src/threads/run-shard.js';

/** Entry of a shard thread: runs until it is told to stop. */
export default function shard({
  port,
  task,
}: {
  port: MessagePort;
  task: ThreadSetup;
}): Promise<void> {
  return runShard(port, task);
}
