import { readFileSync } from 'node:fs';
import { EmbeddedPostgresError } from './error.js';
import { type Launch, launchOnce } from './launch.js';
import type { RunningServer } from './running-server.js';
import { removeStaleLockFile } from './stale-lock-file.js';
import { waitUntil } from './wait-until.js';

const passingDeadlineMs = 15_000;

/**
 * Starts the server and resolves when it accepts connections. Waits for the processes of a killed
 * predecessor to be gone, and takes another port if the free one was taken meanwhile. Throws
 * `EmbeddedStartFailed` with the end of the server's log.
 */
export async function startServer(launch: Launch): Promise<RunningServer> {
  let started: RunningServer | undefined;
  const attempt = async () => {
    removeStaleLockFile(launch.dataDir);
    started = await launchOnce(launch);
    return started !== undefined || !isPassing(readLog(launch), launch.port);
  };
  await waitUntil(attempt, passingDeadlineMs);
  if (started) return started;
  throw startFailed(launch);
}

/**
 * True for the two reasons not to start that pass by themselves: processes of a killed server that
 * have not noticed yet, and a port that was free a moment ago (but not one that was asked for).
 */
export function isPassing(log: string, givenPort?: number): boolean {
  if (/shared memory block .* is still in use/.test(log)) return true;
  if (/lock file "postmaster\.pid" already exists/.test(log)) return true;
  return givenPort === undefined && /could not bind /.test(log);
}

function readLog(launch: Launch): string {
  try {
    return readFileSync(launch.logFile, 'utf8');
  } catch {
    return '';
  }
}

function startFailed(launch: Launch): EmbeddedPostgresError {
  const { dataDir, logFile, port } = launch;
  const log = readLog(launch).trim().split('\n').slice(-8).join('\n');
  const on = port === undefined ? dataDir : `${dataDir}, port ${port}`;
  const message = `Postgres did not start on ${on}; if its data is damaged, delete that folder. Its log, ${logFile}, ends with:\n${log}`;
  return new EmbeddedPostgresError('EmbeddedStartFailed', message, { dataDir, logFile, port, log });
}
