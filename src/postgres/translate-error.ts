import { SetupError, TroupeError } from '../messages/errors.js';
import { type InlineSets, inlineProjectionsDiffer } from '../messages/inline-errors.js';
import type { AppendResult } from '../store/append.js';
import { OwnedByAnother, type Owner } from '../store/ownership.js';
import { StoreUnavailable } from '../store/unavailable.js';

type Failure = Exclude<AppendResult, { kind: 'stored' }>;

/** An error as pg throws it: a server error has a SQLSTATE of five characters. */
interface PgError extends Error {
  readonly code?: string;
  readonly constraint?: string;
  readonly severity?: string;
  readonly detail?: string;
}

const BY_STATE: Readonly<Record<string, Failure['kind']>> = {
  TR001: 'fenced',
  TR002: 'restarted',
  TR003: 'conflict',
  TR004: 'broken',
  '55P03': 'locked', // lock_not_available
  '40P01': 'locked', // deadlock_detected
  '40001': 'locked', // serialization_failure
  '26000': 'unavailable', // invalid_sql_statement_name: a pooler changed the session behind us
  '57014': 'unavailable', // query_canceled
  '57P03': 'unavailable', // cannot_connect_now
  '25006': 'unavailable', // read_only_sql_transaction
  '42501': 'unavailable', // insufficient_privilege: an operator may still grant it
};

const BY_CLASS: Readonly<Record<string, Failure['kind']>> = {
  '08': 'ambiguous', // connection exception
  '53': 'unavailable', // insufficient resources
  '58': 'unavailable', // system error
  '42': 'broken', // a table or function is gone or is not ours
  XX: 'unavailable', // internal error
};

/** What a failed append means. Never parses a message: messages are localised and hold legal ids. */
export function appendFailure(error: unknown): Failure {
  const cause = error instanceof Error ? (error as PgError) : new Error(String(error));
  if (cause instanceof SetupError) return { kind: 'broken', cause }; // the statement says that it did nothing
  if (!isServerError(cause) || endsConnection(cause)) return { kind: 'ambiguous', cause };
  const state = cause.code;
  if (state === '23505') return uniqueViolation(cause);
  if (state === 'TR007') return { kind: 'invalid', cause: inlineDiffer(cause) };
  return { kind: BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)] ?? 'invalid', cause };
}

function uniqueViolation(cause: PgError): Failure {
  if (cause.constraint !== 'events_pkey') return { kind: 'conflict', cause };
  const message =
    'The sequence of event positions is behind the table, as after a logical restore or upgrade. Stop all writers and run: ' +
    "SELECT setval(pg_get_serial_sequence('<schema>.events', 'position'), (SELECT max(position) FROM <schema>.events));";
  return { kind: 'broken', cause: new TroupeError('SequenceBehind', message, {}, cause) };
}

/** True for an error that the server sent as an answer to a statement. */
function isServerError(error: PgError): error is PgError & { readonly code: string } {
  return (
    typeof error.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(error.code) &&
    error.severity !== undefined
  );
}

/**
 * The server closes the connection after these, so whether the statement ended is not known. The code
 * decides where it can, because the severity is localised.
 */
function endsConnection({ code = '', severity = '' }: PgError): boolean {
  return /^(57P0[1245]|25P0[34])$/.test(code) || severity === 'FATAL' || severity === 'PANIC';
}

const PASSING = /^(08|53|57|58|25006|25P03|25P04|26000|40|55P03)/;

/** An error of any other statement: `StoreUnavailable` if it may pass, else itself. */
export function readFailure(error: unknown): Error {
  const cause = error instanceof Error ? (error as PgError) : new Error(String(error));
  if (cause instanceof TroupeError) return cause;
  if (!isServerError(cause))
    return new StoreUnavailable(`The database cannot be reached: ${cause.message}`, cause);
  if (cause.code === 'TR006') return ownedByAnother(cause);
  return PASSING.test(cause.code)
    ? new StoreUnavailable(`The database cannot serve now: ${cause.message}`, cause)
    : cause;
}

/** Its detail is made by migration 0005: the sets as JSON. */
function inlineDiffer(cause: PgError): TroupeError {
  return inlineProjectionsDiffer(JSON.parse(cause.detail ?? '{}') as InlineSets, cause);
}

/** Its detail is made by the trigger of migration 0010: the owner as JSON. */
function ownedByAnother(cause: PgError): OwnedByAnother {
  const owner = JSON.parse(cause.detail ?? 'null') as Owner | null;
  return new OwnedByAnother(owner ?? undefined, cause);
}
