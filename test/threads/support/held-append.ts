import type pg from 'pg';
import { expect } from 'vitest';
import { APPEND_LOCK, lockClass } from '../../../src/postgres/names.js';
import { eventually } from '../../support/eventually.js';
import type { TestDatabase } from './use-database.js';

/** Something in the database that appends wait for. */
export interface Obstacle {
  /** Lets them go on. */
  remove(): Promise<void>;
}

/**
 * Holds appends back before they have said who they are: a fence does not wait for them, so they come
 * late, with an old epoch.
 */
export async function holdBeforeEpochCheck(db: TestDatabase): Promise<Obstacle> {
  const stranger = await db.stranger();
  const keys = [lockClass(db.schema), APPEND_LOCK];
  await stranger.query('SELECT pg_advisory_lock($1::int, $2::int)', keys);
  return {
    remove: async () =>
      void (await stranger.query('SELECT pg_advisory_unlock($1::int, $2::int)', keys)),
  };
}

/** Holds appends back once their epoch was found good: a fence waits for them. */
export async function holdAfterEpochCheck(db: TestDatabase): Promise<Obstacle> {
  const stranger = await db.stranger();
  await stranger.query('BEGIN');
  await stranger.query(`LOCK TABLE ${db.schema}.events IN SHARE MODE`);
  return { remove: async () => void (await stranger.query('ROLLBACK')) };
}

/** Resolves when so many sessions of this role wait for a lock. */
export async function untilWaiting(
  db: TestDatabase,
  role: 'commit' | 'recovery',
  count = 1,
): Promise<void> {
  await eventually(async () => expect(await waiting(db.admin, role)).toHaveLength(count));
}

async function waiting(admin: pg.Client, role: string): Promise<unknown[]> {
  const { rows } = await admin.query(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`,
    [`troupe ${role}`],
  );
  return rows;
}
