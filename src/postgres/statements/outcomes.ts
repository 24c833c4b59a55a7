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

/** Deletes a batch of expired outcomes and returns how many. $1 limit. */
export function sweepOutcomesStatement(schema: string): Statement<[number], number> {
  return statement({
    name: 'troupe_sweep_outcomes',
    text: `
WITH gone AS (
  DELETE FROM ${schema}.outcomes WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${schema}.outcomes WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1
)
SELECT count(*) FROM gone`,
    values: (limit) => [limit],
    read: (rows) => Number(rows[0]?.[0] ?? 0),
  });
}
