import type { PlainError } from '../../messages/plain-error.js';
import type {
  Checkpoint,
  FilteredPage,
  Hold,
  Progress,
  Registration,
  Renewed,
  StoredFilter,
  StoredState,
  StoredSubscription,
  Suspect,
} from '../../store/subscriptions.js';
import { textArray } from '../binary-array.js';
import { COLUMNS, toEvents } from './read-events.js';
import { column, type Statement, statement, type TextRow } from './statement.js';

/** The parameters by which `wanted` knows what is wanted. */
export function filterValues({ all, reserved, aggregates, types }: StoredFilter): unknown[] {
  return [
    reserved ? 'everything' : all ? 'all' : 'named',
    textArray(aggregates),
    textArray(types.map(([aggregate]) => aggregate)),
    textArray(types.map(([, type]) => type)),
  ];
}

/** The condition that an event `e` is wanted; its four parameters begin at number `first`. */
export function wanted(first: number): string {
  return `($${first}::text = 'everything' OR ($${first}::text = 'all' AND left(e.aggregate, 1) <> '$') OR e.aggregate = ANY ($${first + 1}::text[])
    OR (e.aggregate, e.type) IN (SELECT * FROM unnest($${first + 2}::text[], $${first + 3}::text[])))`;
}

/** Whether the log holds a checkpoint of the row `s`. */
export function anchored(schema: string, row: string): string {
  return `(${row}.position = 0 OR EXISTS (SELECT FROM ${schema}.events e WHERE e.position = ${row}.position AND e.command_id = ${row}.command_id))`;
}

export function toPlain(json: string | null | undefined): PlainError | undefined {
  return json ? (JSON.parse(json) as PlainError) : undefined;
}

const none = (): undefined => undefined;
const some = (rows: readonly TextRow[]): boolean => rows.length > 0;

/** All subscriptions, or one. $1 name or null. */
export function listSubscriptionsStatement(
  schema: string,
): Statement<[string | undefined], StoredSubscription[]> {
  return statement({
    name: 'troupe_list_subscriptions',
    text: `SELECT s.name, s.version, s.fingerprint, s.position, s.command_id, s.state, s.attempts, s.error::text,
  CASE WHEN s.lease_until > clock_timestamp() THEN s.owner END, s.epoch,
  (SELECT count(*) FROM ${schema}.parked p WHERE p.subscription = s.name AND p.resolved IS NULL),
  (extract(epoch FROM s.updated_at) * 1000)::bigint
FROM ${schema}.subscriptions s WHERE $1::text IS NULL OR s.name = $1 ORDER BY s.name`,
    values: (name) => [name ?? null],
    read: (rows) =>
      rows.map((row) => ({
        name: column(row, 0),
        version: Number(row[1]),
        fingerprint: column(row, 2),
        checkpoint: { position: Number(row[3]), commandId: column(row, 4) },
        state: column(row, 5) as StoredState,
        attempts: Number(row[6]),
        error: toPlain(row[7]),
        owner: row[8] ?? undefined,
        epoch: Number(row[9]),
        parked: Number(row[10]),
        updatedAt: Number(row[11]),
      })),
  });
}

/** How far subscriptions are. $1 names. */
export function progressStatement(schema: string): Statement<[readonly string[]], Progress[]> {
  return statement({
    name: 'troupe_subscription_progress',
    text: `SELECT s.name, s.position, (SELECT count(*) FROM ${schema}.parked p WHERE p.subscription = s.name AND p.resolved IS NULL)
FROM ${schema}.subscriptions s WHERE s.name = ANY ($1::text[])`,
    values: (names) => [textArray(names)],
    read: (rows) =>
      rows.map((row) => ({
        name: column(row, 0),
        position: Number(row[1]),
        parked: Number(row[2]),
      })),
  });
}

/** $1 name, $2 version, $3 fingerprint, $4 position, $5 command id. */
export function registerSubscriptionStatement(
  schema: string,
): Statement<[Registration, Checkpoint], undefined> {
  return statement({
    name: 'troupe_register_subscription',
    text: `INSERT INTO ${schema}.subscriptions (name, version, fingerprint, position, command_id, state)
VALUES ($1, $2, $3, $4, $5, 'catchingUp') ON CONFLICT (name) DO NOTHING`,
    values: ({ name, version, fingerprint }, { position, commandId }) => [
      ...[name, version, fingerprint, position, commandId],
    ],
    read: none,
  });
}

/** A granted claim, as the row said in that very statement. */
export interface Granted {
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
  readonly isAnchored: boolean;
  readonly suspect: Suspect | undefined;
}

/**
 * Takes a subscription whose lease is over, or that a lower version runs. The position comes from this
 * statement itself: one that was read before could be that of before the last batch of another owner.
 * $1 name, $2 owner, $3 lease in ms, $4 version, $5 fingerprint.
 */
export function claimStatement(
  schema: string,
): Statement<[Registration, string, number], Granted | undefined> {
  return statement({
    name: 'troupe_claim_subscription',
    text: `UPDATE ${schema}.subscriptions s SET epoch = s.epoch + 1, owner = $2,
  lease_until = clock_timestamp() + $3 * interval '1 millisecond', version = $4, fingerprint = $5, updated_at = now()
WHERE s.name = $1 AND s.state NOT IN ('paused', 'stopped')
  AND (s.version < $4 OR (s.version = $4 AND s.fingerprint = $5
    AND (s.owner IS NULL OR s.owner = $2 OR s.lease_until < clock_timestamp())))
RETURNING s.epoch, s.position, s.command_id, ${anchored(schema, 's')}, s.suspect_from, s.suspect_upto`,
    values: ({ name, version, fingerprint }, owner, leaseMs) => [
      ...[name, owner, leaseMs, version, fingerprint],
    ],
    read: ([row]) =>
      row && {
        epoch: Number(row[0]),
        checkpoint: { position: Number(row[1]), commandId: column(row, 2) },
        isAnchored: row[3] === 't',
        suspect: row[4] ? { from: Number(row[4]), upTo: Number(row[5]) } : undefined,
      },
  });
}

/** Renews what is not locked by a batch, and tells of all. $1 owner, $2 lease in ms. */
export function renewStatement(schema: string): Statement<[string, number], Renewed[]> {
  return statement({
    name: 'troupe_renew_subscriptions',
    text: `WITH free AS (SELECT name FROM ${schema}.subscriptions WHERE owner = $1 FOR UPDATE SKIP LOCKED),
renewed AS (UPDATE ${schema}.subscriptions s SET lease_until = clock_timestamp() + $2 * interval '1 millisecond'
  FROM free WHERE s.name = free.name)
SELECT s.name, s.epoch, s.parked_changes,
  EXISTS (SELECT FROM ${schema}.parked p WHERE p.subscription = s.name AND p.resolved IS NULL AND p.is_asked)
FROM ${schema}.subscriptions s WHERE s.owner = $1`,
    values: (owner, leaseMs) => [owner, leaseMs],
    read: (rows) =>
      rows.map((row) => ({
        name: column(row, 0),
        epoch: Number(row[1]),
        parkedChanges: Number(row[2]),
        isAsked: row[3] === 't',
      })),
  });
}

/** $1 owner. */
export function releaseStatement(schema: string): Statement<[string], undefined> {
  return statement({
    name: 'troupe_release_subscriptions',
    text: `UPDATE ${schema}.subscriptions SET owner = NULL, lease_until = NULL WHERE owner = $1`,
    values: (owner) => [owner],
    read: none,
  });
}

/** $1 name, $2 epoch. */
export function yieldStatement(schema: string): Statement<[Hold], undefined> {
  return statement({
    name: 'troupe_yield_subscription',
    text: `UPDATE ${schema}.subscriptions SET owner = NULL, lease_until = NULL WHERE name = $1 AND epoch = $2`,
    values: ({ name, epoch }) => [name, epoch],
    read: none,
  });
}

/** The last event at or below a position. $1 position. */
export function checkpointAtStatement(schema: string): Statement<[number], Checkpoint> {
  return statement({
    name: 'troupe_checkpoint_at',
    text: `SELECT position, command_id FROM ${schema}.events WHERE position <= $1::bigint ORDER BY position DESC LIMIT 1`,
    values: (position) => [position],
    read: ([row]) =>
      row
        ? { position: Number(row[0]), commandId: column(row, 1) }
        : { position: 0, commandId: '' },
  });
}

/** Wanted events. $1 after this position, $2 up to this one, $3 limit, $4 to $7 what is wanted. */
export function readWantedStatement(
  schema: string,
): Statement<[FilteredPage], ReturnType<typeof toEvents>> {
  return statement({
    name: 'troupe_read_wanted',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e
WHERE e.position > $1::bigint AND e.position <= $2::bigint AND ${wanted(4)} ORDER BY e.position LIMIT $3`,
    values: ({ after, upTo, limit, filter }) => [
      ...[after, upTo.position, limit],
      ...filterValues(filter),
    ],
    read: toEvents,
  });
}

/** What a batch must know of its row before it does anything; locks the row. */
export interface LockedRow {
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
  readonly isAnchored: boolean;
  readonly knowsMark: boolean;
  readonly parkedChanges: number;
}

/** Locks the row of a subscription. $1 name, $2 position and $3 command id up to which its owner has read. */
export function lockSubscriptionStatement(
  schema: string,
): Statement<[string, Checkpoint], LockedRow | undefined> {
  return statement({
    name: 'troupe_lock_subscription',
    text: `SELECT s.epoch, s.position, s.command_id, ${anchored(schema, 's')}, s.parked_changes,
  ($2::bigint = 0 OR EXISTS (SELECT FROM ${schema}.events e WHERE e.position = $2::bigint AND e.command_id = $3))
FROM ${schema}.subscriptions s WHERE s.name = $1 FOR UPDATE OF s`,
    values: (name, { position, commandId }) => [name, position, commandId],
    read: ([row]) =>
      row && {
        epoch: Number(row[0]),
        checkpoint: { position: Number(row[1]), commandId: column(row, 2) },
        isAnchored: row[3] === 't',
        parkedChanges: Number(row[4]),
        knowsMark: row[5] === 't',
      },
  });
}

/** How a checkpoint is raised. */
export interface Raising {
  readonly state: StoredState;
  readonly leaseMs: number;
  /** Default: any. */
  readonly parkedChanges?: number | undefined;
}

/**
 * Raises a checkpoint, if the epoch is right and the log holds it. A crash of the server may take it back:
 * what is behind it is then handled again, as after a crash of the process. $1 name, $2 epoch, $3 position,
 * $4 command id, $5 state, $6 lease in ms, $7 changes of what is parked, or null.
 */
export function advanceStatement(schema: string): Statement<[Hold, Checkpoint, Raising], boolean> {
  return statement({
    name: 'troupe_advance_subscription',
    text: `UPDATE ${schema}.subscriptions SET position = $3, command_id = $4, state = $5, attempts = 0, error = NULL,
  lease_until = clock_timestamp() + $6 * interval '1 millisecond', updated_at = now(),
  suspect_from = CASE WHEN suspect_upto > $3 THEN suspect_from END,
  suspect_upto = CASE WHEN suspect_upto > $3 THEN suspect_upto END,
  deaths = CASE WHEN suspect_upto > $3 THEN deaths ELSE 0 END
WHERE name = $1 AND epoch = $2 AND ($7::bigint IS NULL OR parked_changes = $7::bigint)
  AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
  AND ($3 = 0 OR EXISTS (SELECT FROM ${schema}.events e WHERE e.position = $3 AND e.command_id = $4))
RETURNING name`,
    values: ({ name, epoch }, { position, commandId }, { state, leaseMs, parkedChanges }) => [
      ...[name, epoch, position, commandId, state, leaseMs, parkedChanges ?? null],
    ],
    read: some,
  });
}

/** $1 name, $2 epoch, $3 attempts, $4 error, $5 state, $6 lease in ms. */
export function failSubscriptionStatement(
  schema: string,
): Statement<[Hold, number, PlainError, number], undefined> {
  return statement({
    name: 'troupe_fail_subscription',
    text: `UPDATE ${schema}.subscriptions SET attempts = $3, error = $4, state = 'retrying', updated_at = now(),
  lease_until = clock_timestamp() + $5 * interval '1 millisecond' WHERE name = $1 AND epoch = $2`,
    values: ({ name, epoch }, attempts, error, leaseMs) => [
      ...[name, epoch, attempts, JSON.stringify(error), leaseMs],
    ],
    read: none,
  });
}

/** Ends a subscription until it is resumed; its epoch is raised. $1 name, $2 epoch, $3 error. */
export function stopSubscriptionStatement(
  schema: string,
): Statement<[Hold, PlainError], undefined> {
  return statement({
    name: 'troupe_stop_subscription',
    text: `UPDATE ${schema}.subscriptions SET state = 'stopped', error = $3, epoch = epoch + 1, owner = NULL, lease_until = NULL,
  updated_at = now() WHERE name = $1 AND epoch = $2`,
    values: ({ name, epoch }, error) => [name, epoch, JSON.stringify(error)],
    read: none,
  });
}

/** Raises the epoch, so that a batch under way cannot end. $1 name. */
export function pauseSubscriptionStatement(schema: string): Statement<[string], boolean> {
  return statement({
    name: 'troupe_pause_subscription',
    text: `UPDATE ${schema}.subscriptions SET state = 'paused', epoch = epoch + 1, owner = NULL, lease_until = NULL,
  updated_at = now() WHERE name = $1 RETURNING name`,
    values: (name) => [name],
    read: some,
  });
}

/** $1 name, $2 position or null, $3 command id or null. */
export function resumeSubscriptionStatement(
  schema: string,
): Statement<[string, Checkpoint | undefined], boolean> {
  return statement({
    name: 'troupe_resume_subscription',
    text: `UPDATE ${schema}.subscriptions SET state = CASE WHEN state IN ('paused', 'stopped') THEN 'catchingUp' ELSE state END,
  epoch = epoch + 1, owner = NULL, lease_until = NULL, error = NULL, attempts = 0,
  position = coalesce($2::bigint, position), command_id = coalesce($3, command_id), updated_at = now()
WHERE name = $1 RETURNING name`,
    values: (name, at) => [name, at?.position ?? null, at?.commandId ?? null],
    read: some,
  });
}

/**
 * Notes during which events a thread ended, and how often it did so with the very same. $1 name, $2 from, $3 up to.
 */
export function noteDeathStatement(schema: string): Statement<[string, Suspect], number> {
  return statement({
    name: 'troupe_note_death',
    text: `UPDATE ${schema}.subscriptions SET suspect_from = $2, suspect_upto = $3, updated_at = now(),
  deaths = CASE WHEN suspect_from = $2 AND suspect_upto = $3 THEN deaths + 1 ELSE 1 END
WHERE name = $1 RETURNING deaths`,
    values: (name, { from, upTo }) => [name, from, upTo],
    read: ([row]) => Number(row?.[0] ?? 0),
  });
}
