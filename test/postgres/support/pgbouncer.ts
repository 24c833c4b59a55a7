import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { vi } from 'vitest';

const PROGRAMS = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'];

/** Set where a missing pgbouncer is a failure: it was installed, or should have been. */
const MUST_BE_THERE = process.env.TROUPE_TEST_PGBOUNCER === 'required';

/** The program, if it is installed. Throws where it must be. */
export function pgbouncerProgram(): string | undefined {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (!program && MUST_BE_THERE)
    throw new Error(
      `TROUPE_TEST_PGBOUNCER is "required", and there is none of ${PROGRAMS.join(', ')}`,
    );
  return program;
}

/** Why tests with it are skipped. */
export const NO_PGBOUNCER = 'is not tested: pgbouncer is not installed (apt-get install pgbouncer)';

/** A pooler in transaction mode before a server. */
export interface Pooler {
  /** Connection string through it, to the same database. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts pgbouncer before a server, as an unprivileged user, with few sessions for many clients. */
export async function startPgbouncer(program: string, serverUrl: string): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-pgbouncer-'));
  chmodSync(folder, 0o755);
  const server = new URL(serverUrl);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, settings(server, port));
  const user = unprivilegedUser();
  if (user) chownSync(file, user.uid, user.gid);
  chmodSync(file, 0o600); // it holds the password
  const pooler = spawn(program, ['-q', file], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  pooler.stderr.on('data', (text) => {
    said += text;
  });
  const killAtExit = () => pooler.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = `postgres://troupe@127.0.0.1:${port}/pooled`;
  await vi
    .waitFor(() => connects(url), { timeout: 20_000, interval: 50 })
    .catch((error: Error) => {
      killAtExit();
      throw new Error(`pgbouncer does not serve: ${error.message}\n${said}`);
    });
  return {
    url,
    async stop() {
      await ended(pooler);
      process.off('exit', killAtExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(server: URL, port: number): string {
  const { hostname, username, password, pathname } = server;
  const login = `user=${decodeURIComponent(username)} password='${decodeURIComponent(password)}'`;
  return `[databases]
pooled = host=${hostname} port=${server.port || 5432} dbname=${pathname.slice(1) || username} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
server_round_robin = 1
`;
}

/** pgbouncer refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function connects(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT 1').finally(() => client.end());
}

async function ended(pooler: ChildProcess): Promise<void> {
  if (pooler.exitCode !== null || pooler.signalCode !== null) return;
  const exit = once(pooler, 'exit');
  pooler.kill('SIGTERM'); // at once: its clients have left
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
