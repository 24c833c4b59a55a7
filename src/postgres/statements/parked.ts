import type { StoredEvent } from '../../messages/event.js';
import type { PlainError } from '../../messages/plain-error.js';
import type { StreamName } from '../../store/store.js';
import type { ParkedEvent, Reason, StoredFilter } from '../../store/subscriptions.js';
import { COLUMNS, toEvents } from './read-events.js';
import { column, type Statement, statement, type TextRow } from './statement.js';
import { filterValues, toPlain, wanted } from './subscriptions.js';

const PARKED = `p.subscription, p.aggregate, p.id, p.version, p.position, p.type, p.attempts, p.error::text,
  (extract(epoch FROM p.parked_at) * 1000)::bigint, p.resolved, p.resolved_by, p.resolved_why,
  (extract(epoch FROM p.resolved_at) * 1000)::bigint, p.is_asked`;

function toParked(row: TextRow): ParkedEvent {
  return {
    subscription: column(row, 0),
    aggregate: column(row, 1),
    id: column(row, 2),
    version: Number(row[3]),
    position: Number(row[4]),
    type: column(row, 5),
    attempts: Number(row[6]),
    error: toPlain(row[7]),
    parkedAt: Number(row[8]),
    resolved: (row[9] ?? undefined) as ParkedEvent['resolved'],
    resolvedBy: row[10] ?? undefined,
    resolvedWhy: row[11] ?? undefined,
    resolvedAt: row[12] ? Number(row[12]) : undefined,
    isAsked: row[13] === 't',
  };
}

const some = (rows: readonly TextRow[]): boolean => rows.length > 0;
const stream = (row: TextRow): StreamName => ({ aggregate: column(row, 0), id: column(row, 1) });

/** Streams that wait. $1 subscription. */
export function parkedStreamsStatement(schema: string): Statement<[string], StreamName[]> {
  return statement({
    name: 'troupe_parked_streams',
    text: `SELECT aggregate, id FROM ${schema}.parked WHERE subscription = $1 AND resolved IS NULL`,
    values: (name) => [name],
    read: (rows) => rows.map(stream),
  });
}

/** What is and was parked, by position. $1 subscription, $2 aggregate or null, $3 id or null. */
export function listParkedStatement(
  schema: string,
): Statement<[string, StreamName | undefined], ParkedEvent[]> {
  return statement({
    name: 'troupe_list_parked',
    text: `SELECT ${PARKED} FROM ${schema}.parked p
WHERE p.subscription = $1 AND ($2::text IS NULL OR (p.aggregate = $2 AND p.id = $3)) ORDER BY p.position`,
    values: (name, of) => [name, of?.aggregate ?? null, of?.id ?? null],
    read: (rows) => rows.map(toParked),
  });
}

/** Parks a stream at an event. $1 subscription, $2 aggregate, $3 id, $4 version, $5 position, $6 type, $7 attempts, $8 error. */
export function parkStatement(
  schema: string,
): Statement<[string, StoredEvent, number, PlainError], undefined> {
  return statement({
    name: 'troupe_park',
    text: `INSERT INTO ${schema}.parked AS p (subscription, aggregate, id, version, position, type, attempts, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (subscription, aggregate, id, version) DO UPDATE SET attempts = p.attempts + excluded.attempts,
  error = excluded.error, parked_at = now(), is_asked = false,
  resolved = NULL, resolved_by = NULL, resolved_why = NULL, resolved_at = NULL`,
    values: (name, { aggregate, id, version, position, type }, attempts, error) => [
      ...[name, aggregate, id, version, position, type, attempts, JSON.stringify(error)],
    ],
    read: () => undefined,
  });
}

/** Tells the owner that what is parked has changed. $1 subscription. */
export function parkedChangedStatement(schema: string): Statement<[string], undefined> {
  return statement({
    name: 'troupe_parked_changed',
    text: `UPDATE ${schema}.subscriptions SET parked_changes = parked_changes + 1 WHERE name = $1`,
    values: (name) => [name],
    read: () => undefined,
  });
}

/** Events of a parked stream that are waiting. $1 subscription, $2 aggregate, $3 id, $4 limit, $5 to $8 what is wanted. */
export function waitingStatement(
  schema: string,
): Statement<[string, StreamName, number, StoredFilter], StoredEvent[]> {
  return statement({
    name: 'troupe_waiting',
    text: `SELECT ${COLUMNS} FROM ${schema}.parked p
JOIN ${schema}.subscriptions s ON s.name = p.subscription
JOIN ${schema}.events e ON e.aggregate = p.aggregate AND e.id = p.id AND e.version >= p.version AND e.position <= s.position
WHERE p.subscription = $1 AND p.aggregate = $2 AND p.id = $3 AND p.resolved IS NULL AND ${wanted(5)}
ORDER BY e.version LIMIT $4`,
    values: (name, { aggregate, id }, limit, filter) => [
      ...[name, aggregate, id, limit],
      ...filterValues(filter),
    ],
    read: toEvents,
  });
}

/** The open parked event of a stream is resolved. $1 subscription, $2 aggregate, $3 id, $4 how, $5 who, $6 why. */
export function resolveStatement(
  schema: string,
): Statement<[string, StreamName, 'retried' | 'skipped', Reason | undefined], boolean> {
  return statement({
    name: 'troupe_resolve_parked',
    text: `UPDATE ${schema}.parked SET resolved = $4, resolved_by = coalesce($5, resolved_by),
  resolved_why = coalesce($6, resolved_why), resolved_at = now(), is_asked = false
WHERE subscription = $1 AND aggregate = $2 AND id = $3 AND resolved IS NULL RETURNING subscription`,
    values: (name, { aggregate, id }, how, reason) => [
      ...[name, aggregate, id, how, reason?.who ?? null, reason?.why ?? null],
    ],
    read: some,
  });
}

/**
 * What waits behind a resolved event is parked itself and asked for, so that it is handled in order and
 * nothing of the stream overtakes it. $1 subscription, $2 aggregate, $3 id, $4 after this version, $5 who,
 * $6 why; with a filter, $7 to $10 what is wanted.
 */
export function parkNextStatement(
  schema: string,
): Statement<[string, StreamName, number, StoredFilter | undefined], undefined> {
  const insert = `INSERT INTO ${schema}.parked (subscription, aggregate, id, version, position, type, attempts, is_asked)
SELECT s.name, e.aggregate, e.id, e.version, e.position, e.type, 0, true
FROM ${schema}.subscriptions s
JOIN ${schema}.events e ON e.aggregate = $2 AND e.id = $3 AND e.version > $4 AND e.position <= s.position
WHERE s.name = $1 AND ($5::bool OR ${wanted(6)}) ORDER BY e.version LIMIT 1
ON CONFLICT DO NOTHING`;
  return statement({
    name: 'troupe_park_next',
    text: insert,
    values: (name, { aggregate, id }, after, filter) => [
      ...[name, aggregate, id, after, filter === undefined],
      ...filterValues(filter ?? { all: false, aggregates: [], types: [] }),
    ],
    read: () => undefined,
  });
}

/** The next stream to be tried again. $1 subscription. */
export function nextRequestStatement(schema: string): Statement<[string], StreamName | undefined> {
  return statement({
    name: 'troupe_next_request',
    text: `SELECT aggregate, id FROM ${schema}.parked
WHERE subscription = $1 AND resolved IS NULL AND is_asked ORDER BY position LIMIT 1`,
    values: (name) => [name],
    read: ([row]) => row && stream(row),
  });
}

/** $1 subscription, $2 aggregate, $3 id, $4 error. */
export function retryFailedStatement(
  schema: string,
): Statement<[string, StreamName, PlainError], undefined> {
  return statement({
    name: 'troupe_retry_failed',
    text: `UPDATE ${schema}.parked SET attempts = attempts + 1, error = $4, is_asked = false
WHERE subscription = $1 AND aggregate = $2 AND id = $3 AND resolved IS NULL`,
    values: (name, { aggregate, id }, error) => [name, aggregate, id, JSON.stringify(error)],
    read: () => undefined,
  });
}

/** $1 subscription, $2 aggregate, $3 id, $4 who, $5 why. */
export function askRetryStatement(
  schema: string,
): Statement<[string, StreamName, Reason], boolean> {
  return statement({
    name: 'troupe_ask_retry',
    text: `UPDATE ${schema}.parked SET is_asked = true, resolved_by = $4, resolved_why = $5
WHERE subscription = $1 AND aggregate = $2 AND id = $3 AND resolved IS NULL RETURNING subscription`,
    values: (name, { aggregate, id }, { who, why }) => [name, aggregate, id, who, why],
    read: some,
  });
}

/** How far a subscription is, and what the event at a position is or waits behind. $1 subscription, $2 position. */
export function reachedStatement(
  schema: string,
): Statement<[string, number], { position: number; parked: ParkedEvent | undefined } | undefined> {
  return statement({
    name: 'troupe_reached',
    text: `SELECT s.position, ${PARKED} FROM ${schema}.subscriptions s
LEFT JOIN ${schema}.events e ON e.position = $2::bigint
LEFT JOIN ${schema}.parked p ON p.subscription = s.name AND p.aggregate = e.aggregate AND p.id = e.id
  AND p.resolved IS NULL AND p.position <= e.position
WHERE s.name = $1`,
    values: (name, position) => [name, position],
    read: ([row]) =>
      row && {
        position: Number(row[0]),
        parked: row[1] === null ? undefined : toParked(row.slice(1)),
      },
  });
}
