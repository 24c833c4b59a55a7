import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Dispatch } from '../messages/answer.js';
import { type Receipt, toReceipt } from './receipt.js';
import type { SendOptions } from './send-options.js';
import { type StampSetup, stamp } from './stamp.js';
import { toError } from './to-error.js';

/** What is sent to one instance of an aggregate. */
export interface Sent {
  readonly id: string;
  readonly command: { readonly type: string; readonly data: unknown };
  readonly options: SendOptions;
}

/** Sends a command from any thread; resolves and rejects as `send` of an aggregate's client does. */
export async function sendThrough(
  dispatch: Dispatch,
  definition: Aggregate,
  { id, command: { type, data }, options }: Sent,
  setup: StampSetup,
): Promise<Receipt> {
  const message = stamp({ aggregate: definition.storedAs, id, type, data }, options, setup);
  const reply = await dispatch(message);
  if (reply.kind === 'accepted') return toReceipt(definition, message, reply);
  if (reply.kind === 'state') throw new TypeError('a state answer does not fit a command');
  throw toError(reply);
}
