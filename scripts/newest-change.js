import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * When anything below a path was changed last; 0 if there is nothing. Folders count too: removing or
 * renaming a file changes only its folder.
 * @param {string} path
 * @returns {number}
 */
export function newestChangeMs(path) {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(
    own.mtimeMs,
    ...readdirSync(path).map((name) => newestChangeMs(join(path, name))),
  );
}
