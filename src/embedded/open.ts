import { statSync } from 'node:fs';
import { locateBinaries, program } from './binaries.js';
import { ensureData, existingData } from './data-folder.js';
import { readPassword } from './initialise.js';
import { settingList } from './launch.js';
import { withLock } from './lock.js';
import type { ResolvedOptions } from './options.js';
import { findServer, isReady, type RunningServer, startedWith } from './running-server.js';
import { chooseServerUser, isRoot, systemUsers } from './server-user.js';
import { abandonSession, beginSession, isShared, leave, type Session } from './session.js';
import { startServer } from './start.js';
import { stopOrphans, stopServer } from './stop.js';
import { explainingDenial, openTroupeFolder } from './troupe-folder.js';
import { usableBinaries } from './usable-binaries.js';
import { waitUntil } from './wait-until.js';

/** A Postgres server that this process is using. */
export interface EmbeddedPostgres {
  /** Connection string of its superuser `postgres`, with the password, to the database `postgres`. */
  readonly url: string;
  /** `127.0.0.1`, the only address it listens on. */
  readonly host: string;
  readonly port: number;
  /** Real path of the data folder; its files belong to the user the server runs as. */
  readonly dataDir: string;
  /** Process id of the server. */
  readonly pid: number;
  /** True if the server was running already: another process uses it, or a killed one left it. */
  readonly reused: boolean;
  /**
   * Ends this use. The last of all processes to do so stops the server, in order, and this resolves
   * when it is gone; its data stays. Calling it again does nothing more. Throws
   * `EmbeddedStopFailed` or `EmbeddedFolderBusy`.
   */
  stop(): Promise<void>;
}

const settleDeadlineMs = 60_000;

/** Finds or starts the server of `options.dir`, one process at a time. */
export async function openEmbedded(options: ResolvedOptions): Promise<EmbeddedPostgres> {
  const folder = openTroupeFolder(options.dir);
  return await withLock(folder.lock, async () => {
    const session = beginSession(folder);
    try {
      return await explainingDenial(folder.path, () => findOrStart(session, options));
    } catch (error) {
      abandonSession(session);
      throw error;
    }
  });
}

async function findOrStart(session: Session, options: ResolvedOptions): Promise<EmbeddedPostgres> {
  const dataDir = existingData(session.folder);
  const running = dataDir === undefined ? undefined : await settledServer(dataDir);
  if (running && (await mayJoin(running, session, options))) return handle(session, running, true);
  return handle(session, await start(session, options), false);
}

/** The server of this folder once it is ready, or undefined once none runs. */
async function settledServer(dataDir: string): Promise<RunningServer | undefined> {
  let server: RunningServer | undefined;
  const settled = async () => {
    server = findServer(dataDir);
    return !server || (await isReady(server));
  };
  if (await waitUntil(settled, settleDeadlineMs)) return server;
  if (server) await stopServer(server);
  return undefined;
}

/** A server with other settings than asked for is started anew, unless someone is using it. */
async function mayJoin(running: RunningServer, session: Session, options: ResolvedOptions) {
  const samePort = options.port === undefined || options.port === running.port;
  if (samePort && hasSettings(running, options.settings)) return true;
  if (isShared(session)) {
    options.onNotice(
      `Another process uses the Postgres server of ${session.folder.path}, so it keeps its port (${running.port}) and settings.`,
    );
    return true;
  }
  await stopServer(running);
  return false;
}

function hasSettings({ dataDir }: RunningServer, settings: ResolvedOptions['settings']): boolean {
  const own = /^(listen_addresses|port|unix_socket_directories)=/;
  const given = startedWith(dataDir).filter((setting) => !own.test(setting));
  return given.sort().join('\n') === settingList(settings).sort().join('\n');
}

async function start(session: Session, options: ResolvedOptions): Promise<RunningServer> {
  const { folder } = session;
  const packaged = locateBinaries(options.resolveFrom);
  const user = isRoot()
    ? chooseServerUser(dataOwner(existingData(folder)), systemUsers, options.onNotice)
    : undefined;
  const binaries = await usableBinaries(packaged, user, options);
  const onSpawn = (child: NonNullable<Session['child']>) => {
    session.child = child;
  };
  const dataDir = await ensureData(folder, { user, binaries, onSpawn }, options);
  await stopOrphans(dataDir);
  return await startServer({
    program: program(binaries, 'postgres'),
    logFile: folder.log,
    port: options.port,
    settings: options.settings,
    ...{ user, dataDir, onSpawn },
  });
}

function dataOwner(dataDir: string | undefined) {
  return dataDir === undefined ? undefined : statSync(dataDir);
}

function handle(session: Session, server: RunningServer, reused: boolean): EmbeddedPostgres {
  session.server = server;
  const { dataDir, port, pid } = server;
  const host = '127.0.0.1';
  const url = `postgres://postgres:${readPassword(dataDir)}@${host}:${port}/postgres`;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= leave(session);
    return stopped;
  };
  return { url, host, port, dataDir, pid, reused, stop };
}
