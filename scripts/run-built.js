/**
 * Runs a compiled file in this process: `node scripts/run-built.js bench/main --json`.
 *
 * Builds first when a source is newer than dist. The build prints to stderr only, so the stdout of
 * the program stays clean.
 */
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.js';

const [node, , name, ...args] = process.argv;
if (node === undefined || name === undefined) {
  console.error('usage: node scripts/run-built.js <path without extension> [arguments]');
  process.exit(2);
}

try {
  buildIfStale();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const file = new URL(`../dist/${name.replace(/\.[jt]s$/, '')}.js`, import.meta.url);
// The program sees its own path and arguments, as if it had been started directly.
process.argv = [node, fileURLToPath(file), ...args];
await import(file.href);
