import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { embeddedPostgres } from '../src/embedded/index.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the server that all tests of this run share. */
    databaseUrl: string;
    /** Start of every schema name of this run: several runs may share one server. */
    schemaPrefix: string;
  }
}

// The data lives no longer than the run, so it need not survive a crash of the machine.
const settings = { fsync: 'off', max_connections: '200' };

/**
 * One Postgres for the whole run: the one named by TROUPE_TEST_DATABASE_URL, else an embedded one in
 * a new folder. Test files share it by taking schemas of their own (`freshSchema`).
 */
export default async function setup({ provide }: TestProject) {
  const schemaPrefix = `test_${randomBytes(4).toString('hex')}_`;
  provide('schemaPrefix', schemaPrefix);

  const given = process.env.TROUPE_TEST_DATABASE_URL;
  if (given) {
    provide('databaseUrl', given);
    return () => dropSchemas(given, schemaPrefix);
  }

  const dir = await mkdtemp(join(tmpdir(), 'troupe-test-'));
  // Started by root, the server runs as another user, who must be able to enter.
  await chmod(dir, 0o755);
  const server = await embeddedPostgres({ dir, settings });
  provide('databaseUrl', server.url);
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

async function dropSchemas(url: string, prefix: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query<{ nspname: string }>(
      'SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)',
      [prefix],
    );
    for (const { nspname } of found.rows) await client.query(`DROP SCHEMA "${nspname}" CASCADE`);
  } finally {
    await client.end();
  }
}
