import {
  CommandFailed,
  CommandRefused,
  CommandRejected,
  OutcomeUnknown,
  type TroupeError,
} from '../messages/errors.js';
import { InlineProjectionFailed } from '../messages/inline-errors.js';
import type { Reply } from '../threads/pending-calls.js';

/** The error for a reply that is not an acceptance. */
export function toError(reply: Exclude<Reply, { kind: 'accepted' | 'state' }>): TroupeError {
  switch (reply.kind) {
    case 'rejected':
      return new CommandRejected(reply.rejection, reply.deduplicated);
    case 'refused':
      return new CommandRefused(reply.code, reply.message, reply.details, reply.cause);
    case 'failed':
      return reply.code === 'InlineProjectionFailed'
        ? new InlineProjectionFailed(reply.message, reply.details, reply.cause)
        : new CommandFailed(reply.message, reply.details, reply.cause);
    case 'unknown':
      return new OutcomeUnknown(reply.command, reply.reason);
  }
}
