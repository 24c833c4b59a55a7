import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { systemCode } from './error.js';

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Creates the links between libraries that npm packages cannot contain. The package's install script
 * makes them, but `npm ci --ignore-scripts` does not run it. Returns false if some are missing and
 * the folder may not be written to.
 */
export function repairSymlinks(native: string): boolean {
  try {
    for (const link of missingLinks(native)) createLink(native, link);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

function missingLinks(native: string): Link[] {
  const list = join(native, 'pg-symlinks.json');
  let links: Link[];
  try {
    links = JSON.parse(readFileSync(list, 'utf8'));
  } catch {
    return []; // Windows has no links.
  }
  return links.filter(
    ({ target }) => !lstatSync(placeOf(native, target), { throwIfNoEntry: false }),
  );
}

/** Paths in the list start with `native/`, whatever a copy of that folder is called. */
function placeOf(native: string, path: string): string {
  return join(native, relative('native', path));
}

function createLink(native: string, { source, target }: Link): void {
  try {
    symlinkSync(relative(dirname(target), source), placeOf(native, target));
  } catch (error) {
    // Another process repairs them at the same moment.
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
