import type { Dispatch, Reply } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { CommandRefused } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { refused, refusedAnswer, STOPPING } from '../shard/refusals.js';

/*
 * Commands that code in the processor sends: those of handlers.
 *
 *   processor: waiting --> under way, bounded ==a message per turn==> host: router --> shard
 *                 reply <=========================a message per turn===================
 *
 * The host holds a command across the death of a shard's thread, as it does those of its own callers. Should
 * the processor die, nobody hears the reply: the sender comes again, and its key gives it the first outcome.
 */

/** The reply to a relayed command; `ref` is the sender's. */
export interface RelayReply {
  readonly ref: number;
  readonly reply: Reply;
}

interface Waiting {
  readonly message: CommandMessage;
  readonly settle: (reply: Reply) => void;
}

const MAX_UNDER_WAY = 1000;

/** The sender's end. */
export class RelayClient {
  private readonly underWay = new Map<number, Waiting>();
  private readonly waiting: Waiting[] = [];
  private isPosting = false;
  private isClosed = false;

  constructor(
    private readonly post: (commands: readonly CommandMessage[]) => void,
    private readonly maxUnderWay = MAX_UNDER_WAY,
  ) {}

  /** Sends a command; those beyond the bound wait for their turn. */
  readonly dispatch: Dispatch = (message) => {
    if (this.isClosed) return Promise.reject(refused(message, STOPPING));
    return new Promise((settle) => {
      this.waiting.push({ message, settle });
      this.postSoon();
    });
  };

  receive(replies: readonly RelayReply[]): void {
    for (const { ref, reply } of replies) {
      const call = this.underWay.get(ref);
      this.underWay.delete(ref);
      call?.settle(reply);
    }
    if (this.waiting.length > 0) this.postSoon();
  }

  /** Nothing more is sent or heard. Of what is under way nobody here knows what becomes. */
  close(): void {
    this.isClosed = true;
    for (const { message, settle } of this.waiting.splice(0))
      settle(refusedAnswer(message, STOPPING));
    for (const { message, settle } of this.underWay.values()) settle(unheard(message));
    this.underWay.clear();
  }

  private postSoon(): void {
    if (this.isPosting) return;
    this.isPosting = true;
    setImmediate(() => {
      this.isPosting = false;
      const calls = this.waiting.splice(0, this.maxUnderWay - this.underWay.size);
      for (const call of calls) this.underWay.set(call.message.ref, call);
      if (calls.length > 0) this.post(calls.map(({ message }) => message));
    });
  }
}

/** The host's end, for one start of the processor. */
export class RelayService {
  private replies: RelayReply[] = [];

  constructor(
    private readonly dispatch: Dispatch,
    private readonly post: (replies: readonly RelayReply[]) => void,
  ) {}

  receive(commands: readonly CommandMessage[]): void {
    for (const message of commands)
      void this.replyTo(message).then((reply) => this.tell({ ref: message.ref, reply }));
  }

  private async replyTo(message: CommandMessage): Promise<Reply> {
    try {
      return await this.dispatch(message);
    } catch (error) {
      return refusalOf(message, error);
    }
  }

  private tell(reply: RelayReply): void {
    this.replies.push(reply);
    if (this.replies.length > 1) return;
    setImmediate(() => {
      const { replies } = this;
      this.replies = [];
      this.post(replies);
    });
  }
}

/** What was refused before a shard had it. */
function refusalOf({ ref }: CommandMessage, error: unknown): Reply {
  const { code, message, details, cause } =
    error instanceof CommandRefused
      ? error
      : new CommandRefused('Unavailable', `It could not be relayed: ${String(error)}`, {}, error);
  const plain = cause === undefined ? undefined : toPlainError(cause);
  return { ref, kind: 'refused', code, message, details, cause: plain };
}

function unheard({ commandId, aggregate, id, key }: CommandMessage): Reply {
  return {
    kind: 'unknown',
    reason: 'the processor stopped before the answer came',
    command: { commandId, aggregate, id, key, writerId: 0, afterPosition: 0, incarnation: '' },
  };
}
