/**
 * Checks the package as it would be published: its files, its dependencies, its entry points
 * (publint) and its types (are-the-types-wrong).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packInto, root, temporaryFolder } from './pack.js';

const expected =
  /^(dist\/(src|web|workers)|src|workers|docs)\/|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/;

const folder = temporaryFolder();
try {
  const { tarball, files } = packInto(folder);
  checkFiles(files);
  checkSourceMaps(files);
  checkInstallScripts();
  run('publint', ['--strict', tarball]);
  run('attw', ['--profile', 'esm-only', tarball]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string[]} files */
function checkFiles(files) {
  const strangers = files.filter((file) => !expected.test(file));
  if (strangers.length > 0) throw new Error(`packed by mistake: ${strangers.join(', ')}`);
  for (const needed of [
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'dist/src/index.js',
    'dist/web/index.html',
    'docs/projections.md',
  ]) {
    if (!files.includes(needed)) throw new Error(`missing in the package: ${needed}`);
  }
}

/**
 * "Go to definition" must end in a source file that is in the package too.
 * @param {string[]} files
 */
function checkSourceMaps(files) {
  for (const file of files.filter((name) => name.endsWith('.map'))) {
    const source = file.replace(/^dist\//, '').replace(/(\.d\.ts|\.js)\.map$/, '.ts');
    if (!files.includes(source)) throw new Error(`${file} leads to ${source}, which is not packed`);
  }
}

/** A runtime dependency that needs an install script fails where those are switched off. */
function checkInstallScripts() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const needing = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript && !entry.dev && !entry.peer)
    .map(([path]) => path);
  if (needing.length > 0) throw new Error(`install scripts at run time: ${needing.join(', ')}`);
}

/**
 * @param {string} name
 * @param {string[]} args
 */
function run(name, args) {
  const bin = join(root, 'node_modules', '.bin', name);
  if (!existsSync(bin)) throw new Error(`${name} is not installed: run npm ci`);
  execFileSync(bin, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
