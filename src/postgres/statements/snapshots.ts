import type { SnapshotRow } from '../../store/snapshots.js';
import { bigintArray, intArray, textArray } from '../binary-array.js';
import { type Statement, statement } from './statement.js';

/**
 * Stores snapshots whose (version, command id) the log holds, of several for one key the highest; a
 * stored one is only ever replaced by a higher version. In order of the key, so that two never deadlock. $1 aggregates, $2 ids, $3 state versions, $4 versions, $5 command ids, $6 states.
 */
export function saveSnapshotsStatement(
  schema: string,
): Statement<[readonly SnapshotRow[]], undefined> {
  return statement({
    name: 'troupe_save_snapshots',
    text: `
INSERT INTO ${schema}.snapshots AS s (aggregate, id, state_version, version, position, command_id, state)
SELECT DISTINCT ON (n.aggregate COLLATE "C", n.id COLLATE "C", n.state_version)
  n.aggregate, n.id, n.state_version, n.version, e.position, n.command_id, n.state::json
FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[])
  AS n(aggregate, id, state_version, version, command_id, state)
JOIN ${schema}.events e ON e.aggregate = n.aggregate AND e.id = n.id AND e.version = n.version AND e.command_id = n.command_id
ORDER BY n.aggregate COLLATE "C", n.id COLLATE "C", n.state_version, n.version DESC
ON CONFLICT ON CONSTRAINT snapshots_pkey DO UPDATE
SET version = EXCLUDED.version, position = EXCLUDED.position, command_id = EXCLUDED.command_id, state = EXCLUDED.state, taken_at = now()
WHERE s.version < EXCLUDED.version`,
    values: (rows) => [
      textArray(rows.map((r) => r.aggregate)),
      textArray(rows.map((r) => r.id)),
      intArray(rows.map((r) => r.stateVersion)),
      bigintArray(rows.map((r) => r.version)),
      textArray(rows.map((r) => r.commandId)),
      textArray(rows.map((r) => r.state)),
    ],
    read: () => undefined,
  });
}
