import { spawnSync } from 'node:child_process';
import { EmbeddedPostgresError } from './error.js';

/** The operating system's user that the server runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** What choosing a user asks of the system. */
export interface UserDirectory {
  find(name: string): ServerUser | undefined;
  /** Returns an explanation when it did not work. */
  create(name: string): string | undefined;
}

export const systemUsers: UserDirectory = { find: findUser, create: createUser };

/** True if this process is root, as whom Postgres refuses to run. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Chooses whom the server runs as when this process is root: the owner of existing data, else the
 * user `postgres`, else `nobody`. Only where neither exists is `postgres` created, after `onNotice`
 * was told. Throws `EmbeddedUserMissing`.
 */
export function chooseServerUser(
  dataOwner: ServerUser | undefined,
  users: UserDirectory,
  onNotice: (message: string) => void,
): ServerUser {
  if (dataOwner && dataOwner.uid !== 0) return dataOwner;
  const existing = users.find('postgres') ?? users.find('nobody');
  if (existing) return existing;
  onNotice(
    'Postgres refuses to run as root, and there is neither a user postgres nor nobody: creating the system user postgres with useradd.',
  );
  const problem = users.create('postgres');
  const created = users.find('postgres');
  if (created) return created;
  const message = `Postgres refuses to run as root and the user postgres could not be created (${problem}); create it, run as another user, or set DATABASE_URL.`;
  throw new EmbeddedPostgresError('EmbeddedUserMissing', message, { problem });
}

function findUser(name: string): ServerUser | undefined {
  const [uid, gid] = [idOf('-u', name), idOf('-g', name)];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout.trim()) : undefined;
}

function createUser(name: string): string | undefined {
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name];
  const { status, stderr, error } = spawnSync('useradd', args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
