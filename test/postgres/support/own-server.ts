import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPostgres } from '../../../src/embedded/index.js';

/** A server that one test file has to itself, for what must not be done to the shared one. */
export interface OwnServer {
  readonly url: string;
  /** Stops it and starts it on the same data, on another port. */
  restart(): Promise<OwnServer>;
  /** The same, as a standby that can be read from. */
  restartAsStandby(): Promise<OwnServer>;
  stop(): Promise<void>;
}

/** Starts an embedded server with these settings. */
export async function ownServer(settings: Record<string, string> = {}): Promise<OwnServer> {
  const dir = await mkdtemp(join(tmpdir(), 'troupe-own-server-'));
  await chmod(dir, 0o755); // as root, the server runs as another user, who must be able to enter
  return start(dir, settings);
}

async function start(dir: string, settings: Record<string, string>): Promise<OwnServer> {
  // The data lives no longer than the test.
  const server = await embeddedPostgres({ dir, settings: { fsync: 'off', ...settings } });
  return {
    url: server.url,
    async restart() {
      await server.stop();
      return start(dir, settings);
    },
    async restartAsStandby() {
      await server.stop();
      await writeFile(join(server.dataDir, 'standby.signal'), '', { mode: 0o644 });
      return start(dir, settings);
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
