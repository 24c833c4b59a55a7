import { chmodSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Binaries, program } from './binaries.js';
import { EmbeddedPostgresError } from './error.js';
import { withLock } from './lock.js';
import type { ResolvedOptions } from './options.js';
import { privateFolder } from './private-folder.js';
import { reachableBy } from './reachable.js';
import { runAs } from './run-as.js';
import type { ServerUser } from './server-user.js';
import { repairSymlinks } from './symlinks.js';

/** Binaries that the server's user can run, and the major version they are of. */
export interface UsableBinaries extends Binaries {
  readonly major: string;
}

/**
 * The packaged binaries with their links repaired; where the server's user cannot reach them, or the
 * links cannot be made, a copy in a private folder, made once per version. Throws
 * `EmbeddedBinariesUnusable` if they do not run on this system.
 */
export async function usableBinaries(
  packaged: Binaries,
  user: ServerUser | undefined,
  options: ResolvedOptions,
): Promise<UsableBinaries> {
  const usable = repairSymlinks(packaged.native) && reaches(user, packaged);
  const binaries = usable ? packaged : await privateCopy(packaged, user, options);
  return { ...binaries, major: await majorVersion(binaries, user) };
}

function reaches(user: ServerUser | undefined, { native }: Binaries): boolean {
  return !user || ['bin', 'lib', 'share'].every((name) => reachableBy(user, join(native, name)));
}

async function privateCopy(
  packaged: Binaries,
  user: ServerUser | undefined,
  options: ResolvedOptions,
): Promise<Binaries> {
  const folder = privateFolder(options.privateRoots, user);
  const name = `postgres-${packaged.version}-${process.platform}-${process.arch}`;
  const native = join(folder, name);
  await withLock(join(folder, 'lock'), async () => {
    if (isCompleteCopy(packaged.native, native)) return;
    options.onNotice(
      `The user that Postgres runs as cannot use the binaries in ${packaged.native}: copying them to ${native} (60 MB, kept for later runs).`,
    );
    rmSync(native, { recursive: true, force: true });
    await copyFolder(packaged.native, native);
  });
  return { ...packaged, native };
}

/** Not complete after a kill during the copy, or when a cleaner of temporary files came by. */
function isCompleteCopy(original: string, copy: string): boolean {
  const entries = readdirSync(original, { recursive: true, encoding: 'utf8' });
  return entries.every((entry) => {
    const [from, to] = [lstatSync(join(original, entry)), lstatOf(join(copy, entry))];
    return to !== undefined && (from.isDirectory() || from.size === to.size);
  });
}

function lstatOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

async function copyFolder(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  repairSymlinks(partial);
  openToAll(partial);
  renameSync(partial, to);
}

/** The modes came from the original, which may have been installed for its owner only. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isProgram = entry.isFile() && (lstatSync(path).mode & 0o100) !== 0;
    if (!entry.isSymbolicLink()) chmodSync(path, entry.isDirectory() || isProgram ? 0o755 : 0o644);
  }
}

async function majorVersion(binaries: Binaries, user: ServerUser | undefined): Promise<string> {
  const { status, output } = await runAs(user, program(binaries, 'postgres'), ['--version']);
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (status === 0 && major !== undefined) return major;
  const message = `The Postgres binaries in ${binaries.native} do not run on this system (${output.trim()}); install PostgreSQL and set DATABASE_URL to it.`;
  throw new EmbeddedPostgresError('EmbeddedBinariesUnusable', message, {
    folder: binaries.native,
    output,
  });
}
