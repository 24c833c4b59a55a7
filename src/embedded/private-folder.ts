import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { isPrivateTo, reachableBy } from './reachable.js';
import type { ServerUser } from './server-user.js';

/**
 * A folder of ours outside the project, for what the server's user could not reach inside it:
 * `troupe-<uid>` in the first of `roots` where that works. It belongs to this process's user and only
 * he may write to it. Throws `EmbeddedFolderUnsafe` if the name is taken by what others can change,
 * `EmbeddedFolderUnreachable` if there is no place for it.
 */
export function privateFolder(roots: readonly string[], user: ServerUser | undefined): string {
  for (const root of roots.filter((it) => existsSync(it))) {
    const folder = makeFolder(root, user);
    if (folder !== undefined) return assertPrivate(folder);
  }
  const message = `The user that Postgres runs as can enter none of ${roots.join(', ')}; make one of them enterable (chmod a+x), or set TMPDIR to a folder that is.`;
  throw new EmbeddedPostgresError('EmbeddedFolderUnreachable', message, { roots });
}

function makeFolder(root: string, user: ServerUser | undefined): string | undefined {
  const place = realpathSync(root);
  if (user && !reachableBy(user, place)) return undefined;
  const folder = join(place, `troupe-${process.geteuid?.() ?? 'user'}`);
  try {
    mkdirSync(folder);
    // Not by mkdir's mode, which the umask would narrow. The server's user passes through.
    chmodSync(folder, user ? 0o711 : 0o700);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (['EACCES', 'ENOSPC', 'EPERM', 'EROFS'].includes(code)) return undefined;
    if (code !== 'EEXIST') throw error;
  }
  return folder;
}

/** Others may know the name, and make the folder first. */
function assertPrivate(folder: string): string {
  const found = lstatSync(folder);
  const uid = process.geteuid?.();
  const safe = uid === undefined || isPrivateTo(uid, found, statSync(dirname(folder)));
  if (found.isDirectory() && safe) return folder;
  const message = `${folder} can be changed by another user (owner ${found.uid}, mode ${(found.mode & 0o7777).toString(8)}), so no program is run from it; remove it.`;
  throw new EmbeddedPostgresError('EmbeddedFolderUnsafe', message, { folder, uid: found.uid });
}
