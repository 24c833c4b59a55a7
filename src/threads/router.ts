import type { CommandMessage } from '../messages/command.js';
import { CommandRefused } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { sliceOf } from '../messages/slice.js';
import { ownerOf } from '../shard/placement.js';
import { ABORTED, type Refusal, refused } from '../shard/refusals.js';
import type { Reply } from './pending-calls.js';
import type { PageQuery } from './protocol.js';
import type { ShardClient } from './shard-client.js';

const RETRY_AFTER_MS = 50;
let lastPage = 0;

/** Hands each command to the shard that owns its slice, while there are shards. */
export class Router {
  private shards: readonly ShardClient[] = [];
  private refusal: Refusal | undefined;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }

  /** Resolves with what became of the command; never rejects but for what was refused at once. */
  send(message: CommandMessage, signal?: AbortSignal): Promise<Reply> {
    if (this.refusal) throw refused(message, this.refusal);
    if (signal?.aborted) throw refused(message, ABORTED);
    const shard = this.shardOf(message.aggregate, message.id);
    return new Promise((resolve, reject) => {
      const abort = (): void => shard.abort(message);
      const settle = signal
        ? (reply: Reply): void => {
            signal.removeEventListener('abort', abort);
            resolve(reply);
          }
        : resolve;
      if (!shard.send(message, settle)) return reject(overloaded(message, shard.inFlight));
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** A page of a stream's events, read by its shard. */
  async readPage(query: Omit<PageQuery, 'ref'>): Promise<readonly StoredEvent[]> {
    if (this.refusal) throw refused(query, this.refusal);
    lastPage += 1;
    return this.shardOf(query.aggregate, query.id).readPage({ ref: lastPage, ...query });
  }

  /** Takes commands from now on, for these shards. */
  open(shards: readonly ShardClient[]): void {
    this.shards = shards;
    this.refusal = undefined;
  }

  /** Takes no more commands; those to come are refused with this. */
  close(refusal: Refusal): void {
    this.refusal = refusal;
  }

  private shardOf(aggregate: string, id: string): ShardClient {
    return this.shards[ownerOf(sliceOf(aggregate, id), this.shards.length)] as ShardClient;
  }
}

function overloaded({ aggregate, id }: CommandMessage, inFlight: number): CommandRefused {
  const message = `${inFlight} commands are under way on the shard of ${aggregate}/${id}: try again later`;
  return new CommandRefused('Overloaded', message, { aggregate, id, retryAfterMs: RETRY_AFTER_MS });
}
