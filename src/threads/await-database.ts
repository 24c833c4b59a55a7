import { setTimeout as pause } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import { SetupError } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { PlainNotice } from './protocol.js';

/** How long the start of a runtime waits for a database that is away, and who is told. */
export interface AwaitDatabase {
  readonly startTimeoutMs: number;
  /** Whether the user hears notices, either way; else the process warns, since nobody can listen before the start. */
  readonly onNotice?: unknown;
  readonly logger?: unknown;
  /** For messages: where the database is looked for, without its password. */
  readonly where: string;
  notice(notice: PlainNotice): void;
}

const RETRY: Backoff = { firstMs: 100, maxMs: 2000 };

/**
 * Runs `prepare` until the database is there: again and again while it cannot be reached, with a notice
 * at first and one when it is there. Throws `DatabaseUnreachable` when the time is over, and at once
 * whatever waiting does not mend.
 */
export async function awaitDatabase(
  prepare: () => Promise<void>,
  { startTimeoutMs, where, notice, onNotice, logger }: AwaitDatabase,
): Promise<void> {
  const end = performance.now() + startTimeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await prepare();
      if (attempt > 1)
        notice({ kind: 'recovered', message: `${where} is there`, cause: undefined });
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw unreachable(error, { where, attempt, startTimeoutMs });
      if (attempt === 1) {
        const message = `the start waits for ${where}, at most ${startTimeoutMs} ms (startTimeoutMs): ${error.message}`;
        notice({ kind: 'degraded', message, cause: toPlainError(error) });
        warnUnless(onNotice ?? logger, message);
      }
      await pause(Math.min(leftMs, backoffMs(RETRY, attempt)));
    }
  }
}

/** Nobody can listen to a runtime that has not started. */
function warnUnless(heard: unknown, message: string): void {
  if (!heard) process.emitWarning(message, 'TroupeWarning');
}

function unreachable(
  error: StoreUnavailable,
  { where, attempt, startTimeoutMs }: { where: string; attempt: number; startTimeoutMs: number },
): SetupError {
  const tries = attempt === 1 ? 'once' : `${attempt} times`;
  return new SetupError(
    'DatabaseUnreachable',
    `${where} could not be used within ${startTimeoutMs} ms (startTimeoutMs), tried ${tries}. ${error.message}`,
    { where, attempts: attempt, startTimeoutMs },
    error,
  );
}

/** Host, port and name of the database in a connection string, for messages. */
export function databaseOf(url: string): string {
  if (!URL.canParse(url)) return 'the database';
  const { host, pathname } = new URL(url);
  return `the database ${host}${pathname}`;
}
