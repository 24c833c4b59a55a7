import type { KeyedCommand, StoredOutcome } from '../../store/outcomes.js';
import { textArray } from '../binary-array.js';
import { column, type Statement, statement } from './statement.js';

/** Stored outcomes by key; expired ones are deleted. $1 aggregates, $2 ids, $3 keys. */
export function findOutcomesStatement(
  schema: string,
): Statement<[readonly KeyedCommand[]], StoredOutcome[]> {
  return statement({
    name: 'troupe_find_outcomes',
    text: `
WITH asked AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS a(aggregate, id, key)),
expired AS (
  DELETE FROM ${schema}.outcomes o USING asked a
  WHERE o.aggregate = a.aggregate AND o.id = a.id AND o.key = a.key AND o.expires_at <= now()
)
SELECT o.aggregate, o.id, o.key, o.hash, o.command_id, o.from_version, o.to_version, o.rejection::text
FROM asked a JOIN ${schema}.outcomes o ON o.aggregate = a.aggregate AND o.id = a.id AND o.key = a.key
WHERE o.expires_at > now()`,
    values: (commands) => [
      textArray(commands.map((c) => c.aggregate)),
      textArray(commands.map((c) => c.id)),
      textArray(commands.map((c) => c.key)),
    ],
    read: (rows) =>
      rows.map((row) => ({
        aggregate: column(row, 0),
        id: column(row, 1),
        key: column(row, 2),
        hash: column(row, 3),
        commandId: column(row, 4),
        fromVersion: Number(row[5]),
        toVersion: Number(row[6]),
        rejection: row[7] ?? undefined,
      })),
  });
}

/** Pages of the table that one sweep looks through: 256 MB. */
const SWEEP_PAGES = 32_768;

/** What one sweep did. */
export interface Sweep {
  readonly deleted: number;
  /** Size of the table in pages. */
  readonly pages: number;
}

/**
 * Deletes expired outcomes in a part of the table. $1 limit, $2 the first row pointer of the part, $3 the
 * first after it.
 */
export function sweepOutcomesStatement(
  schema: string,
): Statement<[limit: number, fromPage: number], Sweep> {
  return statement({
    name: 'troupe_sweep_outcomes',
    text: `
WITH gone AS (
  DELETE FROM ${schema}.outcomes WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${schema}.outcomes WHERE ctid >= $2::tid AND ctid < $3::tid AND expires_at <= now()
    LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1
)
SELECT count(*), pg_relation_size((SELECT tableoid FROM ${schema}.outcomes LIMIT 1)) / current_setting('block_size')::bigint FROM gone`,
    values: (limit, fromPage) => [limit, `(${fromPage},0)`, `(${fromPage + SWEEP_PAGES},0)`],
    read: ([row]) => ({ deleted: Number(row?.[0] ?? 0), pages: Number(row?.[1] ?? 0) }),
  });
}

/** Where the sweep after this one begins: in the same part while there is more to delete. */
export function nextSweep(fromPage: number, { deleted, pages }: Sweep, limit: number): number {
  if (deleted === limit) return fromPage;
  const next = fromPage + SWEEP_PAGES;
  return next < pages ? next : 0;
}
