import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/embedded/wait-until.js';
import { deadlineMs, query, useScene } from './scene.js';

describe('the data folder', { timeout: 120_000 }, () => {
  const scene = useScene();
  const data = (...names: string[]) => scene().path('.troupe', 'data', ...names);

  test('keeps what was stored from one run to the next', async () => {
    const first = await scene().open();
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();

    const second = await scene().open();
    expect(second.reused).toBe(false);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  test('is UTF8 with the order of bytes, on 127.0.0.1 alone, and written durably', async () => {
    const { url } = await scene().open();
    const sql = `SELECT current_setting('server_encoding') AS encoding, datcollate AS collate,
      current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync,
      current_setting('unix_socket_directories') AS sockets
      FROM pg_database WHERE datname = current_database()`;

    expect(await query(url, sql)).toEqual([
      { encoding: 'UTF8', collate: 'C', addresses: '127.0.0.1', fsync: 'on', sockets: '' },
    ]);
  });

  test('is for its owner only, and so is the password in it', async () => {
    const { url } = await scene().open();
    const password = readFileSync(data('troupe-password'), 'utf8');

    expect(statSync(data()).mode & 0o777).toBe(0o700);
    expect(statSync(data('troupe-password')).mode & 0o777).toBe(0o600);
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(new URL(url).password).toBe(password);
    expect(readdirSync(scene().dir).sort()).toEqual([
      ...['.gitignore', 'data', 'lock', 'server.log', 'users'],
    ]);
  });

  test('lets nobody in without the password', async () => {
    const { url } = await scene().open();
    const wrong = new URL(url);
    wrong.password = 'postgres';
    const client = new pg.Client({ connectionString: wrong.href });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  test('is made again if the run that made it was killed meanwhile', async () => {
    const killed = scene().participant();
    const begun = () => existsSync(scene().dir) && partial().length > 0;
    await waitUntil(begun, deadlineMs);
    await killed.kill();
    expect(existsSync(data())).toBe(false);

    const server = await scene().open();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(partial()).toEqual([]);
  });

  test('is put aside if it is not one of ours, or only half', async () => {
    await (await scene().open()).stop();
    for (const name of ['troupe-password', 'global']) rmSync(data(name), { recursive: true });

    const server = await scene().open();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const aside = readdirSync(scene().dir).filter((name) => name.startsWith('data.unusable-'));
    expect(aside).toHaveLength(1);
    expect(scene().notices).toEqual([expect.stringContaining(aside[0]!)]);
  });

  test('may be there and empty', async () => {
    mkdirSync(data(), { recursive: true });

    const server = await scene().open();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(scene().notices).toEqual([]);
  });

  test('is refused, by name, if another major version made it', async () => {
    await (await scene().open()).stop();
    writeFileSync(data('PG_VERSION'), '14\n');

    const opening = scene().open();
    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedVersionMismatch' });
    await expect(opening).rejects.toThrow(data());
  });

  test('may be copied while its server is stopped, password and all', async () => {
    const original = await scene().open();
    await query(original.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await original.stop();
    const dir = scene().path('copy');
    cpSync(scene().path('.troupe/data'), `${dir}/data`, { recursive: true });

    const copy = await scene().open({ dir });
    expect(await query(copy.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  test('whose server does not start is named, with what the server says', async () => {
    await (await scene().open()).stop();
    rmSync(data('global', 'pg_control'));

    const opening = scene().open();
    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedStartFailed' });
    await expect(opening).rejects.toThrow(/pg_control/);
    expect(readdirSync(scene().path('.troupe/users'))).toEqual([]);
  });

  function partial(): string[] {
    return readdirSync(scene().dir).filter((name) => name.startsWith('data.partial-'));
  }
});
