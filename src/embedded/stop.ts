import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { identityOf, isAlive } from './process-identity.js';
import { orphanedServers } from './process-table.js';
import { findServer, type RunningServer } from './running-server.js';
import { waitUntil } from './wait-until.js';

/** The process to stop; `dataDir` tells whether it can still write there. */
export type Stoppable = Pick<RunningServer, 'pid' | 'identity' | 'dataDir'>;

const fastShutdownMs = 30_000;
const immediateShutdownMs = 10_000;

/**
 * Stops a server and waits until it is gone: clients are disconnected and everything is written; if
 * that takes longer than 30 s, or there is no folder to write to, at once. Throws
 * `EmbeddedStopFailed`.
 */
export async function stopServer(server: Stoppable): Promise<void> {
  const gone = () => !isAlive(server.identity);
  if (existsSync(server.dataDir)) {
    signal(server, 'SIGINT');
    if (await waitUntil(gone, fastShutdownMs)) return;
  }
  signal(server, 'SIGQUIT');
  if (await waitUntil(gone, immediateShutdownMs)) return;
  const message = `The Postgres server of ${server.dataDir} (process ${server.pid}) did not stop; end it by hand.`;
  throw new EmbeddedPostgresError('EmbeddedStopFailed', message, { ...server });
}

/** Asks for a shutdown without waiting: SIGINT in order, SIGQUIT at once. */
export function signal(server: Stoppable, name: 'SIGINT' | 'SIGQUIT'): void {
  if (!isAlive(server.identity)) return;
  try {
    if (process.platform === 'win32') killOnWindows(server.pid);
    else process.kill(server.pid, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw stopDenied(server, error);
  }
}

/** Stops servers of ours whose data folder was deleted or replaced while they ran. */
export async function stopOrphans(dataDir: string): Promise<void> {
  for (const pid of orphanedServers(dataDir, findServer(dataDir)?.pid)) {
    const identity = identityOf(pid);
    if (identity === undefined) continue;
    const orphan = { pid, identity, dataDir };
    signal(orphan, 'SIGQUIT');
    await waitUntil(() => !isAlive(identity), immediateShutdownMs);
  }
}

/** Windows has no signals; what the server had acknowledged is recovered at the next start. */
function killOnWindows(pid: number): void {
  spawnSync('taskkill', ['/pid', String(pid), '/f', '/t']);
}

function stopDenied(server: Stoppable, cause: unknown): EmbeddedPostgresError {
  const message = `The Postgres server of ${server.dataDir} (process ${server.pid}) may not be stopped by this user; stop it as the user who started it.`;
  return new EmbeddedPostgresError('EmbeddedStopFailed', message, { ...server }, cause);
}
