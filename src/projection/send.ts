import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Receipt } from '../client/receipt.js';
import type { Conversation } from '../messages/conversation.js';

/** A command of a handler on its way. */
export interface SentCommand extends Conversation {
  readonly id: string;
  readonly command: { readonly type: string; readonly data: unknown };
  /** The same each time the event is handled: the command has one effect. */
  readonly idempotencyKey: string;
  /** The event that caused it. */
  readonly causationId: string;
}

/** Sends a command on behalf of a handler; rejects as `send` of an aggregate's client does. */
export type Send = (definition: Aggregate, sent: SentCommand) => Promise<Receipt>;
