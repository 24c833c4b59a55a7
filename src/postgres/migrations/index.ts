import { lockClass, quoted } from '../names.js';
import { log } from './0001-log.js';
import { appendV1 } from './0002-append-v1.js';
import { subscriptions } from './0003-subscriptions.js';
import { views } from './0004-views.js';
import { inlineProjections } from './0005-inline-projections.js';
import { indexes } from './0006-indexes.js';
import { timers } from './0007-timers.js';
import { operations } from './0008-operations.js';
import { ownership } from './0010-ownership.js';
import type { Migration } from './migration.js';

/** All migrations, in order. A number may be missing: it was never released. */
export const MIGRATIONS: readonly Migration[] = [
  ...[log, appendV1, subscriptions, views, inlineProjections],
  ...[indexes, timers, operations, ownership],
];

/**
 * SQL that makes the schema and its ledger of applied migrations. CREATE SCHEMA IF NOT EXISTS asks for
 * the right to create schemas even where the schema exists, so it is not used.
 */
export function ledgerSql(schema: string): string {
  const literal = `'${quoted(schema).replaceAll("'", "''")}'`;
  return `DO $$ BEGIN
  IF to_regnamespace(${literal}) IS NULL THEN CREATE SCHEMA ${quoted(schema)}; END IF;
END $$;
CREATE TABLE IF NOT EXISTS ${quoted(schema)}.migrations (
  number     int PRIMARY KEY,
  name       text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);`;
}

/** SQL of one migration with its line in the ledger. */
export function migrationSql(migration: Migration, schema: string): string {
  const ledger = `INSERT INTO ${quoted(schema)}.migrations (number, name) VALUES (${migration.number}, '${migration.name}');`;
  return `${migration.sql(quoted(schema), lockClass(schema)).trim()}\n${ledger}`;
}

/** The whole schema as one script in one transaction, for people who apply migrations themselves. */
export function allMigrationsSql(schema: string): string {
  const parts = MIGRATIONS.map(
    (m) => `-- ${String(m.number).padStart(4, '0')} ${m.name}\n${migrationSql(m, schema)}`,
  );
  return ['BEGIN;', ledgerSql(schema), ...parts, 'COMMIT;', ''].join('\n\n');
}
