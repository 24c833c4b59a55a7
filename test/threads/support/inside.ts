import type { Worker } from 'node:worker_threads';
import type { Runtime } from 'troupe';
import { onTestFinished } from 'vitest';
import type { ShardClient } from '../../../src/threads/shard-client.js';

/** The host's side of a runtime's shards: what a supervisor sees, and no user. */
export function shardsOf(runtime: Runtime): readonly ShardClient[] {
  return (runtime as unknown as { parts: { shards: readonly ShardClient[] } }).parts.shards;
}

/** The threads that are started from now on, until they end. */
export function watchThreads(): ReadonlySet<Worker> {
  const alive = new Set<Worker>();
  const note = (thread: Worker) => {
    alive.add(thread);
    thread.once('exit', () => alive.delete(thread));
  };
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return alive;
}

/** What a runtime tells from now on, as `kind: message`. */
export function noticesOf(runtime: Runtime): string[] {
  const heard: string[] = [];
  for (const kind of ['degraded', 'recovered', 'warning', 'error'] as const) {
    runtime.on(kind, (notice) => heard.push(`${kind}: ${notice.message}`));
  }
  return heard;
}
