import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, ownIdentity } from './process-identity.js';

// Who uses the server: one file per user, named after its process, so that a killed user is known by
// its name alone. The text is the folder's path, for a folder may be copied while it is in use. All of
// this is called under the folder's lock, except for removing one's own file.

/** Enters this process as one more user. Returns the file to be given to `removeUser`. */
export function addUser(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${ownIdentity()}.${randomBytes(4).toString('hex')}`);
  writeFileSync(file, folder, { flag: 'wx' });
  return file;
}

/** Takes a user out; no matter whether the whole folder was deleted meanwhile. */
export function removeUser(file: string): void {
  rmSync(file, { force: true });
}

/** The files of all users whose process is alive; those of dead ones are removed. */
export function liveUsers(folder: string): string[] {
  const alive: string[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = join(folder, name);
    if (isUser(folder, name)) alive.push(file);
    else rmSync(file, { force: true });
  }
  return alive;
}

function isUser(folder: string, name: string): boolean {
  const [identity = ''] = name.split('.');
  if (!isAlive(identity)) return false;
  try {
    return readFileSync(join(folder, name), 'utf8') === folder;
  } catch {
    return false; // It left at this moment.
  }
}
