import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/embedded/process-identity.js';
import { chooseServerUser, type UserDirectory } from '../../src/embedded/server-user.js';
import { expectGone, isRoot, query, systemUser, useScene } from './scene.js';

/** Users of an imagined system. */
function usersNamed(names: string[], problem?: string) {
  const existing = new Set(names);
  const directory: UserDirectory = {
    find: (name) => (existing.has(name) ? { uid: name.length, gid: 1 } : undefined),
    create: (name) => {
      if (problem === undefined) existing.add(name);
      return problem;
    },
  };
  return { directory, existing };
}

describe('the user that a server started by root runs as', () => {
  const silent = (notice: string) => expect.unreachable(notice);

  test('is the owner of existing data', () => {
    const { directory } = usersNamed(['postgres']);
    expect(chooseServerUser({ uid: 1000, gid: 100 }, directory, silent).uid).toBe(1000);
  });

  test('is postgres, also for data that root has copied', () => {
    const { directory } = usersNamed(['nobody', 'postgres']);
    expect(chooseServerUser(undefined, directory, silent).uid).toBe('postgres'.length);
    expect(chooseServerUser({ uid: 0, gid: 0 }, directory, silent).uid).toBe('postgres'.length);
  });

  test('is nobody where postgres does not exist', () => {
    const { directory, existing } = usersNamed(['nobody']);
    expect(chooseServerUser(undefined, directory, silent).uid).toBe('nobody'.length);
    expect([...existing]).toEqual(['nobody']);
  });

  test('is created where neither exists, which is announced before', () => {
    const { directory, existing } = usersNamed([]);
    const notices: string[] = [];
    const announce = (notice: string) => {
      expect([...existing]).toEqual([]);
      notices.push(notice);
    };
    expect(chooseServerUser(undefined, directory, announce).uid).toBe('postgres'.length);
    expect(notices).toEqual([expect.stringContaining('useradd')]);
  });

  test('is asked for if it cannot be created', () => {
    const { directory } = usersNamed([], 'useradd not found');
    const choose = () => chooseServerUser(undefined, directory, () => {});
    expect(choose).toThrow('useradd not found');
    expect(choose).toThrow('DATABASE_URL');
  });
});

describe.skipIf(!isRoot)('users (needs root: skipped for others)', { timeout: 120_000 }, () => {
  const scene = useScene();

  test('an ordinary user runs the server himself', async () => {
    const user = systemUser('nobody');
    chownSync(scene().root, user.uid, user.gid);

    const participant = scene().participant({}, { user });
    const { pid, url, dataDir } = await participant.ready();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statSync(dataDir).uid).toBe(user.uid);
    expect(statSync(`/proc/${pid}`).uid).toBe(user.uid);
    expect(statSync(scene().dir).mode & 0o777).toBe(0o700);
    expect(participant.notices).toEqual([]);

    const identity = identityOf(pid);
    participant.send('exit');
    await participant.end();
    await expectGone(identity);
  });

  test('root shares the server of an ordinary user, and may be the last one out', async () => {
    const user = systemUser('nobody');
    chownSync(scene().root, user.uid, user.gid);
    const participant = scene().participant({}, { user });
    const { pid } = await participant.ready();

    const shared = await scene().open();
    expect(shared).toMatchObject({ pid, reused: true });
    participant.send('stop');
    await participant.told('stopped');
    await shared.stop();
    expect(scene().runningServers()).toEqual([]);
  });

  test('root starts the data of an ordinary user as that user', async () => {
    const user = systemUser('nobody');
    chownSync(scene().root, user.uid, user.gid);
    const participant = scene().participant({}, { user });
    await participant.ready();
    participant.send('stop');
    await participant.told('stopped');

    const { pid } = await scene().open();
    expect(statSync(`/proc/${pid}`).uid).toBe(user.uid);
  });

  test('an ordinary user is told that a folder made by root is not his', async () => {
    await (await scene().open()).stop();

    const { code, message } = await scene()
      .participant({}, { user: systemUser('nobody') })
      .told('failed');
    expect(code).toBe('EmbeddedFolderDenied');
    expect(message).toContain(scene().dir);
  });

  test('root can use a folder that exists already and is private', async () => {
    mkdirSync(scene().dir);
    chmodSync(scene().dir, 0o700);
    mkdirSync(scene().path('tmp'));
    const server = await scene().open({ privateRoots: [scene().path('tmp')] });

    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(server.dataDir).toContain(scene().path('tmp', 'troupe-0', 'data-'));
  });
});
