import type { FailedAnswer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { toPlainError } from '../messages/plain-error.js';
import type { HandoverWindow } from './handover-window.js';
import type { PendingCall } from './pending-calls.js';

/** Deaths of threads that one command alone can have caused, after which that command is failed. */
export const MAX_DEATHS = 2;

/**
 * Answers the command that ended the thread, if it is known and has done so before; where it is not known,
 * the next thread gets fewer at a time. `handed` are the commands that the thread had, `running` the one
 * that it was known to be at.
 */
export function judgeDeath(
  handed: readonly PendingCall[],
  running: PendingCall | undefined,
  window: HandoverWindow,
  cause: Error,
): FailedAnswer | undefined {
  const suspect = running ?? (handed.length === 1 ? handed[0] : undefined);
  if (suspect) {
    suspect.suspicions += 1;
    if (suspect.suspicions < MAX_DEATHS) return undefined;
    window.open();
    return endedItsThread(suspect.message, suspect.suspicions, cause);
  }
  if (handed.some(({ message }) => message.handovers + 1 >= MAX_DEATHS))
    window.narrow(handed.length);
  return undefined;
}

/** The answer for a command that ended the thread it was decided in, several times. */
function endedItsThread(
  { ref, aggregate, id, type, commandId }: CommandMessage,
  times: number,
  cause: Error,
): FailedAnswer {
  const message = `${aggregate}.${type} on ${id} ended its thread ${times} times: ${cause.message}`;
  const details = { aggregate, id, command: type, commandId };
  return { ref, kind: 'failed', message, details, cause: toPlainError(cause) };
}
