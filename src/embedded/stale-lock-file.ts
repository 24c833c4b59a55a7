import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findServer, readLockFile } from './running-server.js';

/**
 * Removes the lock file that a killed server left in its data folder. Postgres does that itself, but
 * refuses to start if *any* process has the pid in it; after a restart of a container one usually
 * has. It may go only when nobody is attached to the old server's shared memory: its processes end
 * some time after it, and a second server beside them would destroy the data. Or when it describes the
 * living server of another folder, of which this one is a copy.
 */
export function removeStaleLockFile(dataDir: string): void {
  const file = readLockFile(dataDir);
  if (!file || findServer(dataDir)) return;
  const cameWithCopy = file.dataDir !== dataDir && findServer(file.dataDir)?.pid === file.pid;
  if (!cameWithCopy && processesAttachedTo(file.sharedMemoryId) !== 0) return;
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}

/** Undefined where the system does not tell: then it is left to Postgres. */
function processesAttachedTo(sharedMemoryId: number): number | undefined {
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
    const segments = rows.map((row) => row.trim().split(/\s+/).map(Number));
    const segment = segments.find(([, id]) => id === sharedMemoryId);
    return segment?.[6] ?? 0;
  } catch {
    return undefined;
  }
}
