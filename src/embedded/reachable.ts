import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerUser } from './server-user.js';

/** What matters of a folder's `stat`. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** True if `user`, who is in no other group than his own, may enter a folder like this. */
export function mayEnter(folder: Ownership, user: ServerUser): boolean {
  if (user.uid === folder.uid) return (folder.mode & 0o100) !== 0;
  if (user.gid === folder.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

/** True if `user` may enter the folder `path` and every folder above it. */
export function reachableBy(user: ServerUser, path: string): boolean {
  if (!mayEnter(statSync(path), user)) return false;
  const parent = dirname(path);
  return parent === path || reachableBy(user, parent);
}

/**
 * True if nobody but `uid` (and root) can change what is in `folder` or put another folder in its
 * place: it is his own, only he may write to it, and the folder above is his or root's and either
 * not writable for others or sticky, as /tmp is.
 */
export function isPrivateTo(uid: number, folder: Ownership, parent: Ownership): boolean {
  const parentIsSafe = (parent.mode & 0o022) === 0 || (parent.mode & 0o1000) !== 0;
  const parentsOwnerIsSafe = parent.uid === uid || parent.uid === 0;
  return folder.uid === uid && (folder.mode & 0o022) === 0 && parentIsSafe && parentsOwnerIsSafe;
}
