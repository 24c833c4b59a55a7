import { availableParallelism } from 'node:os';
import pg from 'pg';
import { embeddedPostgres } from '../src/embedded/index.js';

/** The server that a bench runs on, and how to leave it. */
export interface BenchServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The server of `TROUPE_BENCH_DATABASE_URL`, or an embedded one with its default settings (fsync and
 * synchronous_commit on).
 */
export async function benchServer(): Promise<BenchServer> {
  const url = process.env.TROUPE_BENCH_DATABASE_URL;
  if (url) return { url, stop: () => Promise.resolve() };
  const server = await embeddedPostgres({ dir: '.troupe/bench', onNotice: note });
  return { url: server.url, stop: () => server.stop() };
}

/** What the figures were measured on. */
export async function settingsOf(url: string): Promise<Record<string, string | number>> {
  const names = [
    'server_version',
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'shared_buffers',
    'max_wal_size',
  ];
  const rows = await query<{ name: string; setting: string }>(
    url,
    'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
    [names],
  );
  return {
    ...Object.fromEntries(rows.map((row) => [row.name, row.setting])),
    node: process.version,
    cores: availableParallelism(),
  };
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Drops a schema that a bench made, and lets the server settle before the next measurement. */
export async function dropSchema(url: string, schema: string): Promise<void> {
  await query(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await query(url, 'CHECKPOINT');
}

/** One line of progress on stderr. */
export function note(message: string): void {
  process.stderr.write(`${message}\n`);
}
