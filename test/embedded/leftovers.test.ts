import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/embedded/process-identity.js';
import { isPassing } from '../../src/embedded/start.js';
import { waitUntil } from '../../src/embedded/wait-until.js';
import { deadlineMs, expectGone, query, textOf, useScene } from './scene.js';

describe('what a run that was killed leaves behind', { timeout: 120_000 }, () => {
  const scene = useScene();

  /** A participant that used a server, made a table in it, and was killed. */
  async function killedRun() {
    const killed = scene().participant();
    const ready = await killed.ready();
    await query(ready.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    const identity = identityOf(ready.pid);
    await killed.kill();
    return { ...ready, identity };
  }

  test('is used by the next run, if its server still runs, and stopped by it', async () => {
    const left = await killedRun();

    const next = await scene().open();
    expect(next).toMatchObject({ reused: true, pid: left.pid, url: left.url });
    expect(await query(next.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    await next.stop();
    await expectGone(left.identity);
  });

  test('is stopped and started anew if the next run wants other settings', async () => {
    const left = await killedRun();

    const next = await scene().open({ settings: { work_mem: '5MB' } });
    expect(next).toMatchObject({ reused: false });
    await expectGone(left.identity);
    expect(await query(next.url, 'SHOW work_mem')).toEqual([{ work_mem: '5MB' }]);
    expect(await query(next.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  test('is recovered if its server was killed too, once the old backends are gone', async () => {
    const killed = scene().participant();
    const { pid, url } = await killed.ready();
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    const backend = await openBackend(url);
    process.kill(backend, 'SIGSTOP'); // so that it goes on after the server as long as we like
    process.kill(pid, 'SIGKILL');
    await killed.kill();

    const start = scene().open();
    const log = scene().path('.troupe/server.log');
    expect(await waitUntil(() => isPassing(textOf(log)), deadlineMs)).toBe(true);
    process.kill(backend, 'SIGKILL');
    const next = await start;
    expect(next.reused).toBe(false);
    expect(await query(next.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  test('does not hinder if the pid of its killed server now belongs to another process', async () => {
    const left = await killedRun();
    process.kill(left.pid, 'SIGKILL');
    await expectGone(left.identity);
    const lockFile = scene().path('.troupe/data/postmaster.pid');
    // Postgres minds only processes of its own user, which are not its parents.
    const { uid, gid } = statSync(left.dataDir);
    const other = spawn('sleep', ['100'], { uid, gid });
    writeFileSync(lockFile, textOf(lockFile).replace(/^\d+/, String(other.pid)));

    const next = await scene().open();
    expect(next.reused).toBe(false);
    expect(await query(next.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(other.kill()).toBe(true);
  });

  test('is not touched if it is the server of a folder that this one was copied from', async () => {
    await (await scene().open()).stop();
    const copy = scene().path('copy');
    cpSync(scene().dir, copy, { recursive: true });
    const original = await scene().open();
    copyFileSync(join(original.dataDir, 'postmaster.pid'), join(copy, 'data', 'postmaster.pid'));

    const own = await scene().open({ dir: copy });
    expect(own.pid).not.toBe(original.pid);
    expect(await query(own.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await own.stop();
    expect(await query(original.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('deleting the folder of a running server', { timeout: 120_000 }, () => {
  const scene = useScene();

  test('lets the next run stop that server and start with empty data', async () => {
    const user = scene().participant();
    const old = await user.ready();
    const identity = identityOf(old.pid);
    const client = new pg.Client({ connectionString: old.url });
    await client.connect();
    const disconnected = new Promise((resolve) => client.once('error', resolve));
    rmSync(scene().dir, { recursive: true, maxRetries: 100, retryDelay: 1 });

    const next = await scene().open();
    expect(next.reused).toBe(false);
    expect(identityOf(old.pid)).not.toBe(identity);
    expect(scene().runningServers()).toEqual([next.pid]);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    expect(await disconnected).toBeInstanceOf(Error);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await expect(query(old.url, 'SELECT 1')).rejects.toThrow();
    user.send('stop');
    await user.told('stopped');
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('lets whoever was using it stop it, without making the folder again', async () => {
    const server = await scene().open();
    const identity = identityOf(server.pid);
    rmSync(scene().dir, { recursive: true, maxRetries: 100, retryDelay: 1 });

    await server.stop();
    expect(identityOf(server.pid)).not.toBe(identity);
    expect(() => rmSync(scene().dir, { recursive: true })).toThrow('ENOENT');
  });

  test('lets a process that exits stop it', async () => {
    const forgetful = scene().participant();
    const { pid } = await forgetful.ready();
    const identity = identityOf(pid);
    rmSync(scene().dir, { recursive: true, maxRetries: 100, retryDelay: 1 });

    forgetful.send('exit');
    await forgetful.end();
    // Without being told, it finds out after some 15 s, and stops by itself.
    await expectGone(identity, 7_000);
  });

  test('is not what moving it away is: the server goes on there', async ({ skip }) => {
    const server = await scene().open();
    skip(!mayLookAt(server.pid), 'this system does not tell in which folder a process is');
    const moved = scene().path('moved');
    renameSync(scene().dir, moved);

    const next = await scene().open();
    expect(next.pid).not.toBe(server.pid);
    expect(identityOf(server.pid)).toBeDefined();
    await server.stop();
    expect(scene().runningServers()).toEqual([next.pid]);
  });
});

async function openBackend(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // its server is about to be killed
  await client.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return rows[0].pid;
}

/** Not in a container whose root lacks the capability SYS_PTRACE. */
function mayLookAt(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) !== '';
  } catch {
    return false;
  }
}
