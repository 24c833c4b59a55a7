import type { Writer } from '../../store/store.js';
import { column, type Statement, statement, type TextRow } from './statement.js';

function toWriter(rows: readonly TextRow[]): Writer | undefined {
  const row = rows[0];
  if (!row) return undefined;
  return {
    id: Number(row[0]),
    epoch: Number(row[1]),
    incarnation: column(row, 2),
    afterPosition: Number(row[3]),
    ...(row[4] && { lease: row[4] }),
  };
}

/** What `toWriter` reads of a row of writers. */
function writerColumns(schema: string): string {
  return `id, epoch, ${schema}.incarnation(), (SELECT coalesce(max(position), 0) FROM ${schema}.events), lease`;
}

/**
 * A new writer with epoch 1. Its id is drawn at random: after a failover the sequence would give out
 * again the ids of writers that were lost with the old server, and that may still be at work. $1 lease,
 * or null in shared ownership.
 */
export function registerWriterStatement(
  schema: string,
): Statement<[string | undefined], Writer | undefined> {
  return statement({
    name: 'troupe_register_writer',
    text: `INSERT INTO ${schema}.writers (id, lease) OVERRIDING SYSTEM VALUE
VALUES (1 + floor(random() * 2147483646)::bigint, $1::uuid)
RETURNING ${writerColumns(schema)}`,
    values: (lease) => [lease ?? null],
    read: toWriter,
  });
}

/**
 * Waits for the writer's running appends and keeps new ones out until the transaction ends. A statement
 * of its own: the raise that follows must see what they committed. $1 class, $2 writer.
 */
export function lockWriterStatement(lockClass: number): Statement<[number], undefined> {
  return statement({
    name: 'troupe_lock_writer',
    text: 'SELECT pg_advisory_xact_lock($1::int, $2::int)',
    values: (writerId) => [lockClass, writerId],
    read: () => undefined,
  });
}

/** Raises a writer's epoch, inside the transaction that locked it. $1 writer. */
export function raiseEpochStatement(schema: string): Statement<[number], Writer | undefined> {
  return statement({
    name: 'troupe_raise_epoch',
    text: `UPDATE ${schema}.writers SET epoch = epoch + 1 WHERE id = $1::bigint
RETURNING ${writerColumns(schema)}`,
    values: (writerId) => [writerId],
    read: toWriter,
  });
}

/** Makes a writer that is not there any more anew. $1 writer, $2 its epoch, $3 its lease or null. */
export function restoreWriterStatement(
  schema: string,
): Statement<[number, number, string | undefined], Writer | undefined> {
  return statement({
    name: 'troupe_restore_writer',
    text: `INSERT INTO ${schema}.writers (id, epoch, lease) OVERRIDING SYSTEM VALUE
VALUES ($1::bigint, $2::bigint, $3::uuid)
RETURNING ${writerColumns(schema)}`,
    values: (writerId, epoch, lease) => [writerId, epoch, lease ?? null],
    read: toWriter,
  });
}

/** Removes a writer; its appends are then refused as if its epoch had been raised. $1 writer. */
export function retireWriterStatement(schema: string): Statement<[number], undefined> {
  return statement({
    name: 'troupe_retire_writer',
    text: `DELETE FROM ${schema}.writers WHERE id = $1::bigint`,
    values: (writerId) => [writerId],
    read: () => undefined,
  });
}
