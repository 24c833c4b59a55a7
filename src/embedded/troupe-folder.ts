import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { isRoot } from './server-user.js';

/** The folder of one server, `.troupe` by default. */
export interface TroupeFolder {
  readonly path: string;
  /** The data folder, or a link to it where the server's user cannot reach it here. */
  readonly data: string;
  /** See users.ts. */
  readonly users: string;
  /** See lock.ts. */
  readonly lock: string;
  /** What the server wrote since its last start. */
  readonly log: string;
}

/**
 * Makes the folder if it is missing: not for git, and private, though as root the server's user may
 * pass through it. Throws `EmbeddedFolderDenied` if this process's user may not write to it.
 */
export function openTroupeFolder(dir: string): TroupeFolder {
  try {
    if (!existsSync(dir)) makeFolder(dir);
    const path = realpathSync(dir);
    const inside = (name: string) => join(path, name);
    const users = inside('users');
    const lock = inside('lock');
    for (const folder of [users, lock]) mkdirSync(folder, { recursive: true });
    for (const folder of [path, users, lock]) accessSync(folder, constants.R_OK | constants.W_OK);
    return { path, data: inside('data'), users, lock, log: inside('server.log') };
  } catch (error) {
    throw isDenial(error) ? folderDenied(dir, error) : error;
  }
}

/** Runs `action` on what is in `dir`; what the system denies becomes `EmbeddedFolderDenied`. */
export async function explainingDenial<T>(dir: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw isDenial(error) ? folderDenied(dir, error) : error;
  }
}

function makeFolder(dir: string): void {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, isRoot() ? 0o711 : 0o700);
  writeFileSync(join(dir, '.gitignore'), '*\n');
}

function isDenial(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '');
}

function folderDenied(dir: string, cause: unknown): EmbeddedPostgresError {
  const owner = statSync(dir, { throwIfNoEntry: false })?.uid;
  const whose = owner === undefined ? 'cannot be made' : `belongs to user ${owner}`;
  const message = `${dir} ${whose} and this user may not use it: remove it, run as its owner, or choose another \`dir\`.`;
  return new EmbeddedPostgresError('EmbeddedFolderDenied', message, { dir, owner }, cause);
}
