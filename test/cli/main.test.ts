import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { resolvePostgres } from '../../src/postgres/options.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { MAIN, troupe } from './support/run-troupe.js';

describe('the troupe command', () => {
  it('prints the migrations as SQL that makes a schema ready to be used', async () => {
    const schema = freshSchema();
    const { status, stdout, stderr } = await troupe('migrations', '--sql', '--schema', schema);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const client = new pg.Client(databaseUrl());
    await client.connect();
    await client.query(stdout).finally(() => client.end());
    const url = databaseUrl();
    await prepareDatabase(resolvePostgres({ kind: 'postgres', url, schema, migrate: false }));
  });

  it('uses the schema troupe unless it is told another one', async () => {
    const { stdout } = await troupe('migrations', '--sql');
    expect(stdout).toContain('CREATE TABLE "troupe".events');
  });

  it('lists the migrations as JSON', async () => {
    const { status, stdout } = await troupe('migrations', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { number: 1, name: 'log' },
      { number: 2, name: 'append_v1' },
      { number: 3, name: 'subscriptions' },
      { number: 4, name: 'views' },
      { number: 5, name: 'inline_projections' },
      { number: 6, name: 'indexes' },
      { number: 7, name: 'timers' },
      { number: 8, name: 'operations' },
      { number: 10, name: 'ownership' },
    ]);
  });

  it('prints roles for processes that may do what they need, and the schema they use', async () => {
    const args = ['--sql', '--schema', 'my', '--app', 'service'];
    const { status, stdout, stderr } = await troupe('roles', ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('CREATE ROLE "my_owner" NOLOGIN;');
    expect(stdout).toContain('CREATE TABLE "my".events');
    expect(stdout).toContain('GRANT USAGE, CREATE ON SCHEMA "my" TO "service";');
  });

  it.each([
    [['roles'], 'expected --sql'],
    [['views', '--domain', 'x.ts'], 'expected --sql'],
    [['migrations'], 'expected --sql or --json'],
    [['migrations', '--sql', '--json'], 'cannot be used with'],
    [['migrations', '--sql', '--schema', ''], 'expected 1 to 63 bytes, got 0'],
    [['migrations', '--sql', '--table'], 'unknown option'],
    [['migrate'], 'unknown command'],
    [['check'], "required option '--domain <file>' not specified"],
    [['check', '--domain', 'x.ts'], "required option '--url <url>' not specified"],
    [['check', '--domain', 'x.ts', '--url', 'x', '--sample', '0'], 'expected a whole number'],
    [['inline', 'list'], "required option '--url <url>' not specified"],
    [['inline', 'remove', '--url', 'x'], "missing required argument 'name'"],
    [['mcp', '--url', 'x'], "required option '--domain <file>' not specified"],
    [['mcp', '--domain', 'x.ts'], "required option '--url <url>' not specified"],
    [['mcp', '--domain', 'x.ts', '--url', 'x', '--shards', '65'], 'a whole number from 0 to 64'],
    [[], 'Usage: troupe'],
  ])('called as troupe %j says what is wrong and exits with 2', async (args, message) => {
    const { status, stdout, stderr } = await troupe(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('prints its help and exits with 0', async () => {
    const { status, stdout } = await troupe('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('migrations');
  });

  it('is a program that a shell can run', () => {
    expect(readFileSync(MAIN, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
