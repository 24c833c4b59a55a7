import type { StandardSchemaV1 } from '@standard-schema/spec';
import { NotJson, toJson } from '../internal/json.js';
import { CommandRejected, type Rejection } from '../messages/errors.js';

/** Declaration of one domain error. */
export interface ErrorSpec {
  /** Number within the aggregate, 1 to 999; the full number is `prefix.number` x 1000 + this. */
  readonly number: number;
  /** HTTP status that answers it; default 400. */
  readonly status?: number;
  /** Schema of the details that `context.reject` takes; without it there are none. */
  readonly details?: StandardSchemaV1;
  /** For people. A function gets the details. */
  readonly message: string | ((details: never) => string);
}

/** Common start of an aggregate's error codes and numbers. */
export interface ErrorPrefix {
  readonly code: string;
  readonly number: number;
}

/** Rejections that every aggregate has: a plain command on a new stream, `create` on an existing one. */
export type BuiltInError = 'NotFound' | 'AlreadyExists';

/** Thrown by `context.reject`; never leaves the shard. */
export class RejectSignal {
  constructor(readonly rejection: Rejection) {}
}

interface ErrorSource {
  readonly name: string;
  readonly prefix: ErrorPrefix | undefined;
  readonly errors: Readonly<Record<string, ErrorSpec>>;
}

/** The rejection for a declared error, as plain data. */
export function declaredRejection(
  source: ErrorSource,
  shortCode: string,
  details: object,
): Rejection {
  const spec = source.errors[shortCode];
  if (!spec) throw new TypeError(`${source.name} declares no error ${shortCode}`);
  const message = typeof spec.message === 'string' ? spec.message : spec.message(details as never);
  return {
    code: fullCode(source, shortCode),
    shortCode,
    number: (source.prefix?.number ?? 0) * 1000 + spec.number,
    status: spec.status ?? 400,
    message,
    details: plainDetails(source, shortCode, details),
  };
}

/** A copy as it can be stored: the details may be part of a state that goes on changing. */
function plainDetails({ name }: ErrorSource, shortCode: string, details: object): object {
  try {
    return JSON.parse(toJson(details)) as object;
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw new TypeError(`${name}: details${error.path} of ${shortCode}: ${error.found}`);
  }
}

/** The rejection of a command on a stream that does not exist, or exists already. */
export function builtInRejection(
  source: ErrorSource,
  shortCode: BuiltInError,
  id: string,
): Rejection {
  const missing = shortCode === 'NotFound';
  return {
    code: fullCode(source, missing ? 'NOT_FOUND' : 'ALREADY_EXISTS'),
    shortCode,
    number: (source.prefix?.number ?? 0) * 1000,
    status: missing ? 404 : 409,
    message: `${source.name}/${id} ${missing ? 'does not exist' : 'exists already'}`,
    details: { aggregate: source.name, id },
  };
}

function fullCode(source: ErrorSource, code: string): string {
  return source.prefix ? `${source.prefix.code}_${code}` : code;
}

/** True if `error` is a rejection made by this aggregate. */
export function isRejectionOf(source: ErrorSource, error: unknown): error is CommandRejected {
  if (!(error instanceof CommandRejected)) return false;
  return source.prefix === undefined || error.code.startsWith(`${source.prefix.code}_`);
}
