import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { runAs } from './run-as.js';
import type { ServerUser } from './server-user.js';

/** What is needed to make a data folder. */
export interface Initialisation {
  /** Path of the `initdb` program. */
  readonly program: string;
  readonly user: ServerUser | undefined;
  /** Does not exist yet; the folder above it does. */
  readonly dataDir: string;
  readonly onSpawn: (child: ChildProcess) => void;
}

/** The password lies with the data it opens, so that neither is ever without the other. */
const passwordFile = 'troupe-password';

/** The password of the user `postgres`; undefined if the folder is not one that `initialise` made. */
export function readPassword(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, passwordFile), 'utf8').trim();
  } catch (error) {
    if (systemCode(error) === 'EACCES') throw error;
    return undefined;
  }
}

/**
 * Makes a data folder: UTF8, locale C, a random password. It comes to be under its name complete or
 * not at all, so what a killed initdb leaves is never taken for data. Throws `EmbeddedInitFailed`.
 */
export async function initialise(wanted: Initialisation): Promise<void> {
  const { dataDir } = wanted;
  removePartialFolders(dataDir);
  const partial = `${dataDir}.partial-${randomBytes(4).toString('hex')}`;
  const password = `${partial}.password`;
  try {
    mkdirSync(partial, { mode: 0o700 });
    writeFileSync(password, randomBytes(24).toString('base64url'), { flag: 'wx', mode: 0o600 });
    if (wanted.user) giveTo(wanted.user, [partial, password]);
    await runInitdb(wanted, partial, password);
    renameSync(password, join(partial, passwordFile));
    renameSync(partial, dataDir);
  } finally {
    removePartialFolders(dataDir);
  }
}

async function runInitdb(wanted: Initialisation, partial: string, password: string) {
  const args = [
    ...['-D', partial, '--username=postgres', `--pwfile=${password}`],
    ...['--encoding=UTF8', '--no-locale', '--auth=scram-sha-256'],
    // Written to disk by and by: only what the server itself writes has to survive a crash.
    ...['--no-sync', '--no-instructions'],
  ];
  const { status, output } = await runAs(wanted.user, wanted.program, args, wanted.onSpawn);
  if (status === 0) return;
  const message = `initdb could not make ${wanted.dataDir}: ${output.trim()}`;
  throw new EmbeddedPostgresError('EmbeddedInitFailed', message, {
    dataDir: wanted.dataDir,
    output,
  });
}

function giveTo(user: ServerUser, paths: readonly string[]): void {
  for (const path of paths) chownSync(path, user.uid, user.gid);
}

/** An initdb whose parent was killed may still be writing there; then the next start removes it. */
function removePartialFolders(dataDir: string): void {
  const [parent, start] = [dirname(dataDir), `${basename(dataDir)}.partial-`];
  for (const name of readdirSync(parent).filter((it) => it.startsWith(start))) {
    try {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Not in anyone's way.
    }
  }
}
