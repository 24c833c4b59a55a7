import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresOptions, Runtime, RuntimeOptions } from 'troupe';
import { startRuntime } from 'troupe';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { databaseUrl } from '../../support/postgres.js';

/** A row of the log, as these tests need it. */
export interface LogRow {
  readonly position: number;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly commandId: string;
  readonly data: { readonly token: string; readonly count: number; readonly attempt?: number };
}

/** A database that one test file has to itself, with a log of its own for each test. */
export interface TestDatabase {
  readonly url: string;
  /** Schema of the running test. */
  readonly schema: string;
  /** A connection of nobody's. */
  readonly admin: pg.Client;
  /** Options of a store on this test's log; `url` where it is not to be reached directly. */
  store(url?: string): PostgresOptions;
  /** Starts a runtime with the tally domain; it is stopped after the test. */
  start(options?: Partial<RuntimeOptions>): Promise<Runtime>;
  /** The whole log of this test, by position. */
  rows(): Promise<LogRow[]>;
  /** Another connection, closed after the test. */
  stranger(): Promise<pg.Client>;
  /** Closes something after the runtimes were stopped and before connections are counted. */
  closeAfterTest(close: () => Promise<unknown>): void;
  /** Process ids of the server's sessions for this part of a runtime. */
  sessions(role: 'commit' | 'recovery' | '%'): Promise<number[]>;
}

export const tallyUrl = new URL('./tally.js', import.meta.url);

/** Gives each test a log, and fails the one that leaves a connection behind. */
export function useDatabase(serverUrl: () => string = databaseUrl): TestDatabase {
  const it = {} as { -readonly [K in keyof TestDatabase]: TestDatabase[K] };
  const name = `threads_${randomBytes(6).toString('hex')}`;
  let server: pg.Client;
  const runtimes: Runtime[] = [];
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await connected(serverUrl());
    await server.query(`CREATE DATABASE ${name}`);
    const url = new URL(serverUrl());
    url.pathname = name;
    it.url = url.href;
    it.admin = await connected(it.url);
  });
  beforeEach(() => {
    it.schema = `log_${randomBytes(6).toString('hex')}`;
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.stop({ drainMs: 1000 })));
    await Promise.all(closing.splice(0).map((close) => close()));
    await eventually(async () => expect(await it.sessions('%')).toEqual([]));
  });
  afterAll(async () => {
    await it.admin?.end();
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  });

  it.store = (url = it.url) => ({ kind: 'postgres', url, schema: it.schema });
  it.start = async (options = {}) => {
    const runtime = await startRuntime({
      domain: tallyUrl,
      store: it.store(),
      shards: 1,
      ...options,
    });
    runtimes.push(runtime);
    return runtime;
  };
  it.rows = () => readLog(it.admin, it.schema);
  it.stranger = async () => {
    const client = await connected(it.url);
    it.closeAfterTest(() => client.end());
    return client;
  };
  it.closeAfterTest = (close) => void closing.push(close);
  it.sessions = async (role) => {
    const sql = 'SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE $2';
    const { rows } = await server.query<{ pid: number }>(sql, [name, `troupe ${role}`]);
    return rows.map((row) => row.pid);
  };
  return it;
}

/** A connection that survives the loss of its server without ending the process. */
export async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Reads a log without help from what is tested. */
export async function readLog(client: pg.Client, schema: string): Promise<LogRow[]> {
  const { rows } = await client.query(
    `SELECT position::int, id, version::int, type, command_id AS "commandId", data
     FROM ${schema}.events ORDER BY position`,
  );
  return rows as LogRow[];
}
