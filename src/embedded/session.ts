import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { atExit } from './exit-hook.js';
import { type HeldLock, lockHolder, tryLock, withLock } from './lock.js';
import { ownIdentity } from './process-identity.js';
import { findServer, type RunningServer } from './running-server.js';
import { signal, stopServer } from './stop.js';
import type { TroupeFolder } from './troupe-folder.js';
import { addUser, liveUsers, removeUser } from './users.js';
import { waitUntilSync } from './wait-until.js';

/**
 * One use of a server: from before it is found or started until this use is over.
 *
 *   begin (under the lock) ──► server found or started ──► leave: the last one out stops it
 *                     └─ failed: leave ─┘            └─ exit without leave: the same, at once
 */
export interface Session {
  readonly folder: TroupeFolder;
  readonly userFile: string;
  readonly cancelExitHook: () => void;
  /** Set once it accepts connections. */
  server?: RunningServer;
  /** The latest program started for this session: initdb, then the server. */
  child?: ChildProcess;
}

const exitDeadlineMs = 2_000;

/** Begins a session. Call it under the folder's lock. */
export function beginSession(folder: TroupeFolder): Session {
  const userFile = addUser(folder.users);
  const cancelExitHook = atExit(() => leaveAtExit(session));
  const session: Session = { folder, userFile, cancelExitHook };
  return session;
}

/** True if someone else uses the folder's server. */
export function isShared(session: Session): boolean {
  return liveUsers(session.folder.users).some((file) => file !== session.userFile);
}

/** Ends a session whose server was never handed out. Call it under the folder's lock. */
export function abandonSession(session: Session): void {
  session.cancelExitHook();
  removeUser(session.userFile);
  session.child?.kill('SIGINT');
}

/** Ends a session; the last one out stops the server and waits until it is gone. */
export async function leave(session: Session): Promise<void> {
  const { server, folder } = session;
  // Nobody can find a server whose folder was deleted, so nobody else will stop it.
  if (existsSync(folder.path)) await withLock(folder.lock, () => leaveFolder(session));
  else if (server) await stopServer(server);
  session.cancelExitHook();
}

async function leaveFolder({ folder, server, userFile }: Session): Promise<void> {
  removeUser(userFile);
  if (server && isUnused(folder, server)) await stopServer(server);
}

/** Another server may be there, if the folder was deleted or moved and then made again. */
function isUnused(folder: TroupeFolder, { dataDir, identity }: RunningServer): boolean {
  return liveUsers(folder.users).length === 0 || findServer(dataDir)?.identity !== identity;
}

/** The same in the `exit` event, where nothing can be awaited. */
function leaveAtExit(session: Session): void {
  const { folder, server, userFile } = session;
  removeUser(userFile);
  if (!server) session.child?.kill('SIGINT');
  else if (existsSync(folder.path)) leaveFolderAtExit(folder, server);
  else endServer(server);
}

/** This process may hold the lock already, if it exits while another session begins or ends. */
function leaveFolderAtExit(folder: TroupeFolder, server: RunningServer): void {
  let lock: HeldLock | undefined;
  const taken = () => {
    lock = tryLock(folder.lock);
    return lock !== undefined || lockHolder(folder.lock) === ownIdentity();
  };
  if (!waitUntilSync(taken, exitDeadlineMs)) return;
  if (isUnused(folder, server)) endServer(server);
  lock?.release();
}

/** Whoever takes the lock next sees that it stops, by `isReady`. */
function endServer(server: RunningServer): void {
  signal(server, existsSync(server.dataDir) ? 'SIGINT' : 'SIGQUIT');
}
