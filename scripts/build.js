/**
 * Builds dist from src, workers, bench and examples, one file per source, and the dashboard from web.
 *
 * The compiler writes into a folder of its own which then takes the place of dist, so that a process
 * running from dist never sees half a build and a failed build leaves no new dist behind.
 * Everything is printed to stderr: callers keep stdout for their own output.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWebInto, webSources } from './build-web.js';
import { newestChangeMs } from './newest-change.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const sourceFolders = ['src', 'workers', 'bench', 'examples'].map((name) => join(root, name));
const configFiles = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.js'];

/** Builds unless dist is newer than every source file, source folder and compiler setting. */
export function buildIfStale() {
  if (isStale()) build();
}

/** Builds from nothing. Throws when the sources do not compile. */
export function build() {
  const startedAt = new Date();
  const fresh = join(root, `.build-${process.pid}`);
  try {
    compileInto(fresh);
    buildWebInto(join(fresh, 'web'));
    for (const folder of sourceFolders) copyAssets(folder, join(fresh, basename(folder)));
    writeFileSync(join(fresh, '.built'), '');
    // A source edited while the compiler ran is newer than this stamp, hence still stale.
    utimesSync(join(fresh, '.built'), startedAt, startedAt);
    replaceDist(fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} outDir */
function compileInto(outDir) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  });
  if (status !== 0) throw new Error('build failed: the compiler reported the errors above');
}

/**
 * Files that are read at run time through `new URL(..., import.meta.url)`.
 * @param {string} from
 * @param {string} to
 */
function copyAssets(from, to) {
  if (!existsSync(from)) return;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyAssets(source, target);
    else if (!/\.(ts|md)$/.test(entry.name)) cpSync(source, target);
  }
}

/** @param {string} fresh */
function replaceDist(fresh) {
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

function isStale() {
  if (!existsSync(stamp)) return true;
  const builtMs = statSync(stamp).mtimeMs;
  const changedMs = configFiles.map((file) => statSync(join(root, file)).mtimeMs);
  return Math.max(...changedMs, ...[...sourceFolders, ...webSources].map(newestChangeMs)) > builtMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
