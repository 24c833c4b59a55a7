import { APPEND_LOCK } from '../names.js';
import { column, type Statement, statement } from './statement.js';

/** A transaction that may hold positions which are not visible yet. */
export interface AppendLockHolder {
  /** Virtual transaction id: this very transaction, not a later one of the same connection. */
  readonly transaction: string;
  /** Process id of the backend; undefined for a prepared transaction, which counts as open. */
  readonly pid: number | undefined;
}

/**
 * Who holds the append lock of this schema, in this database. Two-key advisory locks have objsubid 2.
 * $1 class. (pg_locks takes all lock partitions: ask only when there is a hole.)
 */
export function appendLockHoldersStatement(lockClass: number): Statement<[], AppendLockHolder[]> {
  return statement({
    name: 'troupe_append_lock_holders',
    text: `SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = $1::bigint::oid AND objid = ${APPEND_LOCK}::oid`,
    values: () => [lockClass],
    read: (rows) =>
      rows.map((row) => ({
        transaction: column(row, 0),
        pid: row[1] === null ? undefined : Number(row[1]),
      })),
  });
}
