import type { StoredEvent } from '../../messages/event.js';
import { bigintArray, intArray, textArray } from '../binary-array.js';
import { COLUMNS, toEvents } from './read-events.js';
import { column, type Statement, statement } from './statement.js';

/** Events of one type and schema version. */
export interface EventGroup {
  /** Name of the aggregate in the log. */
  readonly aggregate: string;
  readonly type: string;
  readonly schemaVersion: number;
}

/** How many there are, and where the first and the last of them stand. */
export interface CountedGroup extends EventGroup {
  readonly count: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** Which events of which groups to read: those after a position, up to another. */
export interface GroupPage {
  readonly groups: readonly EventGroup[];
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

/** Counts the whole log by aggregate, type and schema version. */
export function countGroupsStatement(schema: string): Statement<[], CountedGroup[]> {
  return statement({
    name: 'troupe_count_groups',
    text: `SELECT aggregate, type, schema_version, count(*), min(position), max(position)
FROM ${schema}.events GROUP BY aggregate, type, schema_version ORDER BY aggregate, type, schema_version`,
    values: () => [],
    read: (rows) =>
      rows.map((row) => ({
        aggregate: column(row, 0),
        type: column(row, 1),
        schemaVersion: Number(row[2]),
        count: Number(row[3]),
        firstPosition: Number(row[4]),
        lastPosition: Number(row[5]),
      })),
  });
}

/** A page of the events of some groups. $1 aggregates, $2 types, $3 schema versions, $4 after this position, $5 up to this one, $6 limit. */
export function readGroupsStatement(schema: string): Statement<[GroupPage], StoredEvent[]> {
  return statement({
    name: 'troupe_read_groups',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e
WHERE e.position > $4::bigint AND e.position <= $5::bigint
  AND (e.aggregate, e.type, e.schema_version) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::int[]))
ORDER BY e.position LIMIT $6`,
    values: ({ groups, after, upTo, limit }) => [
      textArray(groups.map((group) => group.aggregate)),
      textArray(groups.map((group) => group.type)),
      intArray(groups.map((group) => group.schemaVersion)),
      after,
      upTo,
      limit,
    ],
    read: toEvents,
  });
}

/** Events at positions. $1 positions. */
export function readPositionsStatement(
  schema: string,
): Statement<[readonly number[]], StoredEvent[]> {
  return statement({
    name: 'troupe_read_positions',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e WHERE e.position = ANY ($1::bigint[]) ORDER BY e.position`,
    values: (positions) => [bigintArray(positions)],
    read: toEvents,
  });
}
