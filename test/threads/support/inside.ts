import type { Worker } from 'node:worker_threads';
import type { Runtime } from 'troupe';
import { onTestFinished } from 'vitest';
import type { CommandMessage } from '../../../src/messages/command.js';
import { sliceOf } from '../../../src/messages/slice.js';
import { ownerOf } from '../../../src/shard/placement.js';
import type { FromShard, ToShard } from '../../../src/threads/protocol.js';
import type { ShardClient } from '../../../src/threads/shard-client.js';

/** The host's side of a runtime's shards: what a supervisor sees, and no user. */
export function shardsOf(runtime: Runtime): readonly ShardClient[] {
  type Inside = { parts: { ownership: { shards: readonly ShardClient[] } } };
  return (runtime as unknown as Inside).parts.ownership.shards;
}

/** An id whose tally lives on this shard of so many. */
export function idOn(shard: number, shards: number): string {
  for (let i = 0; ; i++)
    if (ownerOf(sliceOf('tally', `id-${i}`), shards) === shard) return `id-${i}`;
}

/** A command under way, by the number that its shard knows it by. */
export function commandOf(shard: ShardClient, ref: number): CommandMessage | undefined {
  const { calls } = shard as unknown as { calls: Map<number, { message: CommandMessage }> };
  return calls.get(ref)?.message;
}

/** Keeps from a shard that its answers were taken, and counts their bytes. */
export function withholdCredit(shard: ShardClient): {
  readonly receivedBytes: number;
  give(): void;
} {
  const inside = shard as unknown as {
    link: { post(message: ToShard): void };
    receive(message: FromShard): void;
  };
  const { link } = inside;
  const post = link.post.bind(link);
  const receive = inside.receive.bind(shard);
  let receivedBytes = 0;
  let withheld = 0;
  inside.receive = (message) => {
    receivedBytes += message.bytes ?? 0;
    receive(message);
  };
  link.post = ({ taken, ...message }) => {
    withheld += taken ?? 0;
    if (Object.keys(message).length > 0) post(message);
  };
  return {
    get receivedBytes() {
      return receivedBytes;
    },
    give() {
      link.post = post;
      post({ taken: withheld });
    },
  };
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
