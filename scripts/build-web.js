/**
 * Builds the dashboard into dist/web: the page, and beside it one script and one style sheet. Alone, it is
 * for who runs the sources: `npm run build` builds it with all the rest.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { newestChangeMs } from './newest-change.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist', 'web');
const page = 'index.html';

/** Bytes of all files of the dashboard, each compressed: what a first visit loads. */
const MAX_GZIPPED = 60_000;

/** What the dashboard is made of; the lock file names its packages. */
export const webSources = ['web', 'scripts/build-web.js', 'package-lock.json'].map((name) =>
  join(root, name),
);

/** Builds the dashboard unless it is newer than what it is made of. */
export function buildWebIfStale() {
  if (isFresh()) return;
  const fresh = join(root, `.build-web-${process.pid}`);
  try {
    buildWebInto(fresh);
    mkdirSync(dirname(built), { recursive: true });
    if (existsSync(built)) renameSync(built, `${fresh}-old`);
    renameSync(fresh, built);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(`${fresh}-old`, { recursive: true, force: true });
  }
}

/**
 * Puts the dashboard into a folder: that of the last build, if nothing has changed since. Throws when it
 * does not compile, or is larger than it may be.
 * @param {string} folder
 */
export function buildWebInto(folder) {
  if (isFresh()) return cpSync(built, folder, { recursive: true, preserveTimestamps: true });
  const require = createRequire(import.meta.url);
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  const config = join(root, 'web', 'vite.config.js');
  const args = [vite, 'build', '--config', config, '--outDir', folder, '--logLevel', 'warn'];
  const startedAt = new Date();
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    // Whoever builds: a test would get another Preact, which is larger.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  });
  if (status !== 0) throw new Error('build failed: vite reported the errors above');
  checkSize(folder);
  // A source edited meanwhile is newer than this.
  utimesSync(join(folder, page), startedAt, startedAt);
}

/** @param {string} folder */
function checkSize(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
  const size = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length,
    0,
  );
  if (size > MAX_GZIPPED)
    throw new Error(`the dashboard has ${size} bytes compressed: expected ${MAX_GZIPPED} at most`);
}

function isFresh() {
  const last = join(built, page);
  return existsSync(last) && statSync(last).mtimeMs > Math.max(...webSources.map(newestChangeMs));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildWebIfStale();
