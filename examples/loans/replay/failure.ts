import { CommandFailed, CommandRefused, isRefusal } from 'troupe';

/** What is left to say and to return when something went wrong. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Errors with a code are for the user and need one line: 2 if the run could not do its work (a
 * broken file, no database), 1 if the store does not take what was read. Any other is a bug, with its
 * stack.
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { text: String(error), exitCode: 1 };
  if (isRefusal(error, 'VersionConflict')) {
    return { text: `${error.message}: not only replays of this log write to it`, exitCode: 1 };
  }
  const isOfStore = error instanceof CommandRefused || error instanceof CommandFailed;
  if (isOfStore) return { text: error.message, exitCode: 1 };
  const isForUser = 'code' in error || error instanceof RangeError;
  return isForUser
    ? { text: error.message, exitCode: 2 }
    : { text: error.stack ?? error.message, exitCode: 1 };
}
