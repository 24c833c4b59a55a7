import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

/** Connection string of the Postgres server that all tests of this run share. */
export function databaseUrl(): string {
  return inject('databaseUrl');
}

/**
 * A schema name no other test uses. The schema itself does not exist yet: migrations create it. Those
 * of a run are dropped with the server, or at the end of the run.
 */
export function freshSchema(): string {
  return inject('schemaPrefix') + randomBytes(6).toString('hex');
}
