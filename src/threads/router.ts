import type { CommandMessage } from '../messages/command.js';
import { CommandRefused } from '../messages/errors.js';
import type { ReadEvent } from '../messages/event.js';
import { sliceOf } from '../messages/slice.js';
import { ownerOf } from '../shard/placement.js';
import { ABORTED, type Refusal, refused } from '../shard/refusals.js';
import type { LogHead } from '../store/store.js';
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
    const slice = sliceOf(message.aggregate, message.id);
    const shard = this.ownerOf(slice);
    shard.sliceCommands[slice] = (shard.sliceCommands[slice] ?? 0) + 1;
    return new Promise((resolve, reject) => {
      const settle = signal ? settleAbortable(resolve, signal, message, shard) : resolve;
      if (!shard.send(message, settle)) reject(overloaded(message, shard.inFlight));
    });
  }

  /** A page of a stream's events, read by its shard. */
  async readPage(query: Omit<PageQuery, 'ref'>): Promise<readonly ReadEvent[]> {
    if (this.refusal) throw refused(query, this.refusal);
    lastPage += 1;
    return this.shardOf(query.aggregate, query.id).readPage({ ref: lastPage, ...query });
  }

  /** Tells each shard what others have appended to streams of its slices. */
  hearOf(heads: readonly LogHead[]): void {
    const byShard = this.shards.map((): LogHead[] => []);
    for (const head of heads) byShard[ownerOf(head.slice, this.shards.length)]?.push(head);
    byShard.forEach((own, index) => {
      if (own.length > 0) this.shards[index]?.hearOf(own);
    });
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
    return this.ownerOf(sliceOf(aggregate, id));
  }

  private ownerOf(slice: number): ShardClient {
    return this.shards[ownerOf(slice, this.shards.length)] as ShardClient;
  }
}

/** As `resolve`, and listens to the signal no longer than the command is under way. */
function settleAbortable(
  resolve: (reply: Reply) => void,
  signal: AbortSignal,
  message: CommandMessage,
  shard: ShardClient,
): (reply: Reply) => void {
  const abort = (): void => shard.abort(message);
  signal.addEventListener('abort', abort, { once: true });
  return (reply) => {
    signal.removeEventListener('abort', abort);
    resolve(reply);
  };
}

function overloaded({ aggregate, id }: CommandMessage, inFlight: number): CommandRefused {
  const message = `${inFlight} commands are under way on the shard of ${aggregate}/${id}: try again later`;
  return new CommandRefused('Overloaded', message, { aggregate, id, retryAfterMs: RETRY_AFTER_MS });
}
