import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { vi } from 'vitest';

/** Where Debian puts the programs of a major version, if they are installed. */
export function installedPrograms(major: number): string | undefined {
  const folder = `/usr/lib/postgresql/${major}/bin`;
  return existsSync(join(folder, 'postgres')) ? folder : undefined;
}

/** Starts a server of its own from installed programs, with a new data folder. */
export async function installedServer(programs: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-installed-server-'));
  chmodSync(dataDir, 0o700);
  const user = unprivilegedUser();
  if (user) chownSync(dataDir, user.uid, user.gid);
  const options = { ...user, cwd: '/', env: { LC_ALL: 'C', PATH: process.env.PATH } };
  const init = ['-D', dataDir, '--username=postgres', '--auth=trust', '--encoding=UTF8'];
  execFileSync(join(programs, 'initdb'), [...init, '--no-locale', '--no-sync'], options);

  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
  ];
  const args = ['-D', dataDir, ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(join(programs, 'postgres'), args, { ...options, stdio: 'ignore' });
  const killAtExit = () => server.kill('SIGQUIT');
  process.once('exit', killAtExit);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await vi.waitFor(() => connects(url), { timeout: 30_000, interval: 50 });
  return {
    url,
    async stop() {
      await ended(server);
      process.off('exit', killAtExit);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Postgres refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const idOf = (flag: string) =>
    Number(
      execFileSync('sh', ['-c', `id ${flag} postgres || id ${flag} nobody`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function connects(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.end();
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGINT');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
