import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { serverArguments } from './process-table.js';
import { processOptions } from './run-as.js';
import { findServer, isReady, type RunningServer } from './running-server.js';
import type { ServerUser } from './server-user.js';
import { waitUntil } from './wait-until.js';

/** What is needed to start a server on an initialised data folder. */
export interface Launch {
  /** Path of the `postgres` program. */
  readonly program: string;
  readonly user: ServerUser | undefined;
  readonly dataDir: string;
  readonly logFile: string;
  /** A free one if undefined. */
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  /** Told of each process at once, so that it can be ended if this one exits meanwhile. */
  readonly onSpawn: (child: ChildProcess) => void;
}

const readyDeadlineMs = 60_000;

/** Starts the server once. Resolves undefined if it ended, or was not ready within a minute. */
export async function launchOnce(launch: Launch): Promise<RunningServer | undefined> {
  const child = spawnServer(launch, launch.port ?? (await freePort()));
  launch.onSpawn(child);
  const ended = new Promise<undefined>((resolve) => {
    child.once('exit', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  });
  return await Promise.race([ended, untilReady(launch.dataDir, child)]);
}

/** The settings a server is started with, as `name=value`. */
export function settingList(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

/**
 * In a session of its own: Ctrl-C in a terminal goes to all processes of the session, but others may
 * be using this server.
 */
function spawnServer(launch: Launch, port: number): ChildProcess {
  const own = [`port=${port}`, 'unix_socket_directories='];
  const settings = [...own, ...settingList(launch.settings)];
  const args = [...serverArguments(launch.dataDir), ...settings.flatMap((it) => ['-c', it])];
  const log = openSync(launch.logFile, 'w', 0o600);
  try {
    const child = spawn(launch.program, args, {
      ...processOptions(launch.user, launch.program),
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

async function untilReady(dataDir: string, child: ChildProcess) {
  let ready: RunningServer | undefined;
  const look = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    const server = findServer(dataDir);
    if (server?.pid === child.pid && server && (await isReady(server))) ready = server;
    return ready !== undefined;
  };
  if (!(await waitUntil(look, readyDeadlineMs))) child.kill('SIGQUIT');
  return ready;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
