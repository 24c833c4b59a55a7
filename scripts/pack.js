/** Packs the package as npm would publish it, from a build that is up to date. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.js';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * A new folder outside this repository, so that nothing is found in its node_modules by accident.
 * Started by root, the embedded Postgres runs as another user, who must be able to enter it.
 */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-pack-'));
  chmodSync(folder, 0o755);
  return folder;
}

/**
 * Returns the path of the tarball, and the paths inside it.
 * @param {string} folder
 * @returns {{ tarball: string, files: string[] }}
 */
export function packInto(folder) {
  buildIfStale();
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(
    execFileSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return {
    tarball: join(folder, packed.filename),
    files: packed.files.map((/** @type {{ path: string }} */ file) => file.path),
  };
}
