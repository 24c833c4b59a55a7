import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { PostgresOptions, Runtime, RuntimeOptions } from 'troupe';
import { startRuntime } from 'troupe';
import { onTestFinished } from 'vitest';
import { type EmbeddedPostgres, embeddedPostgres } from '../../../src/embedded/index.js';
import { connected, type LogRow, readLog, tallyUrl } from './use-database.js';
import { openWire, type Wire } from './wire.js';

/** A server that one test has to itself, to be stopped, restarted and copied. */
export class OwnServer {
  private server: EmbeddedPostgres | undefined;

  private constructor(private readonly dir: string) {
    onTestFinished(async () => {
      await this.down();
      await rm(dir, { recursive: true, force: true });
    });
  }

  static async start(): Promise<OwnServer> {
    const server = new OwnServer(await newFolder());
    await server.up();
    return server;
  }

  get url(): string {
    if (!this.server) throw new Error('the server is down');
    return this.server.url;
  }

  /** Starts it on its data, on a port of its own. */
  async up(): Promise<void> {
    // The data lives no longer than the test.
    this.server = await embeddedPostgres({ dir: this.dir, settings: { fsync: 'off' } });
  }

  async down(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  /** Another server with the data of this one, which is restarted for it: a standby that lags behind. */
  async copy(): Promise<OwnServer> {
    await this.down();
    const dir = await newFolder();
    execFileSync('cp', ['-a', `${this.dir}/.`, dir]); // keeps the owner of the data
    await this.up();
    return new OwnServer(dir);
  }

  /** Runs one statement. */
  async query(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = await connected(this.url);
    try {
      return await client.query(sql, values);
    } finally {
      await client.end();
    }
  }

  async rows(): Promise<LogRow[]> {
    const client = await connected(this.url);
    try {
      return await readLog(client, 'troupe');
    } finally {
      await client.end();
    }
  }
}

/** A wire to a server; closed after the test, when its runtimes are stopped. */
export async function wireTo(server: OwnServer): Promise<Wire> {
  const wire = await openWire(server.url);
  onTestFinished(() => wire.close());
  return wire;
}

/** Starts a runtime on the log of a server; it is stopped after the test. */
export async function runtimeOn(
  url: string,
  options: Partial<RuntimeOptions> & { store?: Partial<PostgresOptions> } = {},
): Promise<Runtime> {
  const store: PostgresOptions = { kind: 'postgres', url };
  const runtime = await startRuntime({ domain: tallyUrl, store, shards: 1, ...options });
  onTestFinished(() => runtime.stop({ drainMs: 500 }));
  return runtime;
}

async function newFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'troupe-own-server-'));
  await chmod(dir, 0o755); // as root, the server runs as another user, who must be able to enter
  return dir;
}
