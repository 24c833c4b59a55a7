import type { FailedAnswer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { toPlainError } from '../messages/plain-error.js';

/** The answer for a command that ended the thread it was decided in, several times. */
export function endedItsThread(
  { ref, aggregate, id, type, commandId }: CommandMessage,
  times: number,
  cause: Error,
): FailedAnswer {
  const message = `${aggregate}.${type} on ${id} ended its thread ${times} times: ${cause.message}`;
  const details = { aggregate, id, command: type, commandId };
  return { ref, kind: 'failed', message, details, cause: toPlainError(cause) };
}
