import type {
  AuditEntry,
  AuditPage,
  NewAuditEntry,
  Quarantine,
  Quarantines,
  SnapshotInfo,
} from '../../store/operations.js';
import type { StreamName } from '../../store/store.js';
import { column, type Statement, statement, type TextRow } from './statement.js';

const ms = (name: string): string => `(extract(epoch FROM ${name}) * 1000)::bigint`;

/** Puts down what an operator does: see migration 0008. $1 verb, $2 aggregate, $3 id, $4 who, $5 why. */
export function beginVerbStatement(schema: string): Statement<[NewAuditEntry], number> {
  return statement({
    name: 'troupe_begin_verb_v1',
    text: `SELECT ${schema}.begin_verb_v1($1, $2, $3, $4, $5)`,
    values: ({ verb, aggregate, id, who, why }) => [verb, aggregate, id, who, why],
    read: ([row]) => Number(row?.[0]),
  });
}

/** What came of it. $1 number, $2 result, $3 message. */
export function finishVerbStatement(
  schema: string,
): Statement<[number, { readonly result: string; readonly message: string }], undefined> {
  return statement({
    name: 'troupe_finish_verb',
    text: `UPDATE ${schema}.audit SET result = $2, message = $3, finished_at = clock_timestamp() WHERE number = $1`,
    values: (number, { result, message }) => [number, result, message],
    read: () => undefined,
  });
}

/** Entries, newest first. $1 below this number, $2 limit, $3 aggregate or null, $4 id or null. */
export function auditStatement(schema: string): Statement<[AuditPage], AuditEntry[]> {
  return statement({
    name: 'troupe_audit',
    text: `SELECT number, ${ms('at')}, who, why, verb, aggregate, id, result, message, ${ms('finished_at')}
FROM ${schema}.audit WHERE number < $1::bigint AND ($3::text IS NULL OR (aggregate = $3 AND id = $4))
ORDER BY number DESC LIMIT $2`,
    values: ({ before, limit, stream }) => [
      ...[before, limit],
      ...[stream?.aggregate ?? null, stream?.id ?? null],
    ],
    read: (rows) => rows.map(toEntry),
  });
}

function toEntry(row: TextRow): AuditEntry {
  return {
    number: Number(row[0]),
    at: Number(row[1]),
    who: column(row, 2),
    why: column(row, 3),
    verb: column(row, 4) as AuditEntry['verb'],
    aggregate: column(row, 5),
    id: column(row, 6),
    result: row[7] ?? undefined,
    message: row[8] ?? undefined,
    finishedAt: row[9] ? Number(row[9]) : undefined,
  };
}

/** How often quarantines have changed. */
export function quarantineMarkStatement(schema: string): Statement<[], number> {
  return statement({
    name: 'troupe_quarantine_mark',
    text: `SELECT changes FROM ${schema}.quarantine_mark WHERE scope = 'log'`,
    values: () => [],
    read: ([row]) => Number(row?.[0] ?? 0),
  });
}

/** All streams that are quarantined, with the mark of the same moment: one row for the mark, then theirs. */
export function quarantinesStatement(schema: string): Statement<[], Quarantines> {
  return statement({
    name: 'troupe_quarantines',
    text: `SELECT m.changes, q.aggregate, q.id, q.who, q.why, ${ms('q.since')}
FROM ${schema}.quarantine_mark m LEFT JOIN ${schema}.quarantine q ON true
WHERE m.scope = 'log' ORDER BY q.aggregate, q.id`,
    values: () => [],
    read: (rows) => ({
      mark: Number(rows[0]?.[0] ?? 0),
      streams: rows.filter((row) => row[1] !== null).map(toQuarantine),
    }),
  });
}

function toQuarantine(row: TextRow): Quarantine {
  return {
    aggregate: column(row, 1),
    id: column(row, 2),
    who: column(row, 3),
    why: column(row, 4),
    since: Number(row[5]),
  };
}

/** Snapshots of a stream, without their states. $1 aggregate, $2 id. */
export function snapshotInfosStatement(schema: string): Statement<[StreamName], SnapshotInfo[]> {
  return statement({
    name: 'troupe_snapshot_infos',
    text: `SELECT state_version, version, ${ms('taken_at')}, length(state::text)
FROM ${schema}.snapshots WHERE aggregate = $1 AND id = $2 ORDER BY state_version`,
    values: ({ aggregate, id }) => [aggregate, id],
    read: (rows) =>
      rows.map((row) => ({
        stateVersion: Number(row[0]),
        version: Number(row[1]),
        takenAt: Number(row[2]),
        bytes: Number(row[3]),
      })),
  });
}

/** Positions of the last events of a stream, newest first. $1 aggregate, $2 id, $3 limit. */
export function lastPositionsStatement(schema: string): Statement<[StreamName, number], number[]> {
  return statement({
    name: 'troupe_last_positions',
    text: `SELECT position FROM ${schema}.events WHERE aggregate = $1 AND id = $2 ORDER BY version DESC LIMIT $3`,
    values: ({ aggregate, id }, limit) => [aggregate, id, limit],
    read: (rows) => rows.map((row) => Number(row[0])),
  });
}
