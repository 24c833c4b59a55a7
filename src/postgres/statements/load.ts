import type { LoadedEvent, LoadedStream, LoadRequest } from '../../store/store.js';
import { bigintArray, intArray, textArray } from '../binary-array.js';
import { column, type Statement, statement, type TextRow } from './statement.js';

/** Events per stream and round trip. */
export const LOAD_LIMIT = 500;

const NOTHING_KNOWN = -1;

/**
 * Snapshots and tails of many streams in one round trip.
 * $1 aggregates, $2 ids, $3 state versions, $4 known versions (-1 = none), $5 1 = tail only, $6 limit.
 */
export function loadStatement(
  schema: string,
): Statement<[readonly LoadRequest[]], (count: number) => LoadedStream[]> {
  return statement({
    name: 'troupe_load',
    text: `
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::int[]) WITH ORDINALITY
    AS a(aggregate, id, state_version, known, tail_only, ord)
), snapshot AS MATERIALIZED (
  SELECT a.ord, s.version, s.position, s.command_id, s.state FROM asked a
  JOIN ${schema}.snapshots s ON s.aggregate = a.aggregate AND s.id = a.id AND s.state_version = a.state_version
  WHERE a.tail_only = 0
)
SELECT s.ord, s.version, s.position, NULL::text, NULL::int, s.state::text, s.command_id, NULL::bigint FROM snapshot s
UNION ALL
SELECT a.ord, e.version, e.position, e.type, e.schema_version, e.data::text, e.command_id, (extract(epoch FROM e.occurred_at) * 1000)::bigint
FROM asked a LEFT JOIN snapshot s ON s.ord = a.ord
CROSS JOIN LATERAL (
  SELECT * FROM ${schema}.events e
  WHERE e.aggregate = a.aggregate AND e.id = a.id
    AND e.version > CASE WHEN a.known < 0 THEN coalesce(s.version, 0)
                         WHEN a.tail_only = 1 THEN a.known
                         ELSE least(coalesce(s.version, 0), a.known) END
  ORDER BY e.version LIMIT $6
) e`,
    values: (requests) => [
      textArray(requests.map((r) => r.aggregate)),
      textArray(requests.map((r) => r.id)),
      intArray(requests.map((r) => r.stateVersion)),
      bigintArray(requests.map((r) => r.knownVersion ?? NOTHING_KNOWN)),
      intArray(requests.map((r) => (r.tailOnly ? 1 : 0))),
      LOAD_LIMIT,
    ],
    read: (rows) => (count) => group(rows, count),
  });
}

function group(rows: readonly TextRow[], count: number): LoadedStream[] {
  const streams = Array.from({ length: count }, () => ({
    snapshot: undefined as LoadedStream['snapshot'],
    events: [] as LoadedEvent[],
  }));
  for (const row of rows) {
    const stream = streams[Number(row[0]) - 1];
    if (!stream) continue;
    if (row[3] === null) stream.snapshot = toSnapshot(row);
    else stream.events.push(toLoadedEvent(row));
  }
  // UNION ALL promises no order.
  for (const { events } of streams) events.sort((a, b) => a.version - b.version);
  return streams.map((stream) => ({ ...stream, more: stream.events.length === LOAD_LIMIT }));
}

function toSnapshot(row: TextRow): LoadedStream['snapshot'] {
  return {
    version: Number(row[1]),
    position: Number(row[2]),
    state: column(row, 5),
    commandId: column(row, 6),
  };
}

function toLoadedEvent(row: TextRow): LoadedEvent {
  return {
    version: Number(row[1]),
    position: Number(row[2]),
    type: column(row, 3),
    schemaVersion: Number(row[4]),
    data: column(row, 5),
    commandId: column(row, 6),
    occurredAt: Number(row[7]),
  };
}
