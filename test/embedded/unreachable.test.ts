import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { embeddedPostgresVersion } from '../../src/embedded/binaries.js';
import { identityOf } from '../../src/embedded/process-identity.js';
import {
  type Changes,
  expectGone,
  installInto,
  isRoot,
  query,
  systemUser,
  useScene,
} from './scene.js';

const title = 'H50 as root, a project in a folder that only root may enter';

describe.skipIf(!isRoot)(`${title} (needs root: skipped for others)`, { timeout: 120_000 }, () => {
  const scene = useScene();
  let changes: Changes;
  let native: string;

  beforeEach(() => {
    const home = scene().path('home');
    const project = join(home, 'project');
    mkdirSync(project, { recursive: true });
    mkdirSync(scene().path('tmp'));
    chmodSync(scene().path('tmp'), 0o1777);
    const installed = installInto(project);
    native = installed.native;
    chmodSync(home, 0o700);
    changes = {
      dir: join(project, '.troupe'),
      resolveFrom: installed.resolveFrom,
      privateRoots: [scene().path('tmp')],
    };
  });

  const inPrivate = (...names: string[]) => scene().path('tmp', 'troupe-0', ...names);

  test('H50 has a server, whose binaries and data are in a private folder', async () => {
    const server = await scene().open(changes);

    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(server.dataDir.startsWith(inPrivate('data-'))).toBe(true);
    expect(realpathSync(join(changes.dir!, 'data'))).toBe(server.dataDir);
    expect(statSync(server.dataDir)).toMatchObject({ uid: systemUser('postgres').uid });
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(inPrivate())).toMatchObject({ uid: 0 });
    expect(statSync(inPrivate()).mode & 0o777).toBe(0o711);
    expect(scene().notices).toEqual([
      expect.stringContaining(`the binaries in ${native}`),
      expect.stringContaining(`its data is in ${server.dataDir}`),
    ]);
  });

  test('H50 keeps its data and uses the same copy of the binaries in the next run', async () => {
    const first = await scene().open(changes);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    const copied = statSync(copiedPostgres()).ino;
    const notices = scene().notices.length;

    const second = await scene().open(changes);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(statSync(copiedPostgres()).ino).toBe(copied);
    expect(scene().notices.slice(notices)).toEqual([]);
  });

  test('H50 copies the binaries again if some of them were cleaned away', async () => {
    await (await scene().open(changes)).stop();
    rmSync(join(copiedPostgres(), '../../share/postgresql/timezone/UTC'));

    const second = await scene().open(changes);
    expect(
      statSync(join(copiedPostgres(), '../../share/postgresql/timezone/UTC')).size,
    ).toBeGreaterThan(0);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('H50 starts with empty data after `.troupe` was deleted under its server', async () => {
    const first = await scene().open(changes);
    const identity = identityOf(first.pid);
    await query(first.url, 'CREATE TABLE gone AS SELECT 1 AS one');
    rmSync(changes.dir!, { recursive: true });

    const second = await scene().open(changes);
    await expectGone(identity);
    await expect(query(second.url, 'SELECT * FROM gone')).rejects.toThrow('does not exist');
  });

  test('H50 does not take the data of another project that its `.troupe` was copied from', async () => {
    const first = await scene().open(changes);
    const copy = join(changes.dir!, '../copy');
    cpSync(changes.dir!, copy, { recursive: true, verbatimSymlinks: true });

    const second = await scene().open({ ...changes, dir: copy });
    expect(second.dataDir).not.toBe(first.dataDir);
    expect(second.pid).not.toBe(first.pid);
  });

  test.each([
    ['belongs to another user', () => chownSync(inPrivate(), systemUser('nobody').uid, 0)],
    ['can be written to by others', () => chmodSync(inPrivate(), 0o777)],
  ])('H50 runs nothing from a private folder that %s', async (_, spoil) => {
    mkdirSync(inPrivate());
    spoil();

    const opening = scene().open(changes);
    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedFolderUnsafe' });
    await expect(opening).rejects.toThrow(inPrivate());
    expect(lstatSync(inPrivate()).isDirectory()).toBe(true);
  });

  test('H50 says what to do if there is no place that the server could reach', async () => {
    const opening = scene().open({ ...changes, privateRoots: [scene().path('home')] });

    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedFolderUnreachable' });
    await expect(opening).rejects.toThrow('chmod a+x');
  });

  function copiedPostgres(): string {
    const name = `postgres-${embeddedPostgresVersion}-${process.platform}-${process.arch}`;
    return inPrivate(name, 'bin', 'postgres');
  }
});
