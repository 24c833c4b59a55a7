import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { identityOf, type ProcessIdentity } from './process-identity.js';
import { isServerOf } from './process-table.js';

/** A server process that was found to be the one of its data folder. */
export interface RunningServer {
  readonly pid: number;
  readonly identity: ProcessIdentity;
  readonly dataDir: string;
  readonly port: number;
  /** What the server says of itself; empty in its first moments. */
  readonly status: 'starting' | 'ready' | 'stopping' | 'standby' | '';
}

/**
 * The server of `dataDir`, if one runs. Postgres's own lock file names process, folder and port; the
 * process must be alive, and be a server of that very folder: pids are reused, folders are copied.
 */
export function findServer(dataDir: string): RunningServer | undefined {
  const file = readLockFile(dataDir);
  if (!file || file.dataDir !== dataDir) return undefined;
  const identity = identityOf(file.pid);
  if (identity === undefined || !isServerOf(dataDir, file.pid)) return undefined;
  return { pid: file.pid, identity, dataDir, port: file.port, status: file.status };
}

interface LockFile extends Omit<RunningServer, 'identity'> {
  /** System V shared memory id by which Postgres knows whether old processes are left; 0 if none. */
  readonly sharedMemoryId: number;
}

/** `postmaster.pid`; it grows line by line while the server starts. Its status is padded. */
export function readLockFile(dataDir: string): LockFile | undefined {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, folder = '', , port] = lines;
    return {
      pid: Number(pid),
      dataDir: folder,
      port: Number(port ?? 0),
      sharedMemoryId: Number(lines[6]?.trim().split(/\s+/)[1] ?? 0),
      status: (lines[7]?.trim() ?? '') as RunningServer['status'], // the only values Postgres writes
    };
  } catch {
    return undefined;
  }
}

/** The `name=value` settings that the server of `dataDir` was started with, as Postgres noted them. */
export function startedWith(dataDir: string): string[] {
  try {
    const text = readFileSync(join(dataDir, 'postmaster.opts'), 'utf8');
    return [...text.matchAll(/"-c" "([^"]*)"/g)].map((match) => match[1] ?? '');
  } catch {
    return [];
  }
}

/**
 * True if the server says that it accepts connections, does, and then still says so: when it answers,
 * it has handled every signal that was sent to it before it was asked.
 */
export async function isReady(server: RunningServer): Promise<boolean> {
  if (!saysReady(server) || !(await answers(server.port))) return false;
  const now = findServer(server.dataDir);
  return now?.identity === server.identity && saysReady(now);
}

function saysReady({ status }: RunningServer): boolean {
  return status === 'ready' || status === 'standby';
}

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const answerTimeoutMs = 2_000;

/** True if a Postgres is there: every version replies S or N to this request. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: answerTimeoutMs });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', (data) => finish(data[0] === 0x4e || data[0] === 0x53));
    socket.once('timeout', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('error', () => finish(false));
  });
}
