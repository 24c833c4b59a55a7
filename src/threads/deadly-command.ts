import type { FailedAnswer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { toPlainError } from '../messages/plain-error.js';

/** Deaths of threads that one command alone can have caused, after which that command is failed. */
export const MAX_DEATHS = 2;

/** The answer to a command that ended its thread too often. */
export function endedItsThread(command: CommandMessage, cause: Error): FailedAnswer {
  const { ref, aggregate, id, type, commandId } = command;
  const message = `${aggregate}.${type} on ${id} ended its thread ${MAX_DEATHS} times: ${cause.message}`;
  const details = { aggregate, id, command: type, commandId };
  return { ref, kind: 'failed', message, details, cause: toPlainError(cause) };
}
