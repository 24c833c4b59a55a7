import type { StandardSchemaV1 } from '@standard-schema/spec';
import { jsonProblem } from '../internal/json.js';
import { CommandRejected, type Rejection } from '../messages/errors.js';
import { describeIssues, validate } from './validate.js';

/** Declaration of one domain error. */
export interface ErrorSpec {
  /** Number within the aggregate, 1 to 999; the full number is `prefix.number` x 1000 + this. */
  readonly number: number;
  /** HTTP status that answers it, 400 to 599; default 400. */
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
  readonly storedAs: string;
  readonly prefix: ErrorPrefix | undefined;
  readonly errors: Readonly<Record<string, ErrorSpec>>;
}

/** The rejection for a declared error, as plain data. Throws if the details are not what was declared. */
export function declaredRejection(
  source: ErrorSource,
  shortCode: string,
  details: object,
): Rejection {
  const spec = Object.hasOwn(source.errors, shortCode) ? source.errors[shortCode] : undefined;
  if (!spec) throw new TypeError(`${source.name} declares no error ${shortCode}`);
  checkDetails(`${source.name}.${shortCode}`, spec, details);
  const message = typeof spec.message === 'string' ? spec.message : spec.message(details as never);
  return {
    code: fullCode(source, shortCode),
    shortCode,
    number: (source.prefix?.number ?? 0) * 1000 + spec.number,
    status: spec.status ?? 400,
    message,
    // A copy: they may be part of a state that has changed when the rejection is durable and leaves.
    details: JSON.parse(JSON.stringify(details)) as object,
  };
}

/** Details are stored and cross threads: what JSON cannot carry would be lost on the way. */
function checkDetails(where: string, spec: ErrorSpec, details: object): void {
  const problem = jsonProblem(details);
  if (problem)
    throw new TypeError(`Details of ${where}: details${problem.path} is ${problem.found}`);
  const parsed = spec.details ? validate(spec.details, details) : undefined;
  if (parsed?.ok === false)
    throw new TypeError(`Details of ${where}: ${describeIssues(parsed.issues)}`);
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

/**
 * True if `error` is a rejection made by this aggregate. Aggregates without a prefix that declare the
 * same code cannot be told apart.
 */
export function isRejectionOf(source: ErrorSource, error: unknown): error is CommandRejected {
  if (!(error instanceof CommandRejected)) return false;
  const { code, shortCode, details } = error;
  if (Object.hasOwn(source.errors, shortCode)) return code === fullCode(source, shortCode);
  const isBuiltIn = shortCode === 'NotFound' || shortCode === 'AlreadyExists';
  const { aggregate } = details;
  // It may have been stored before the aggregate was renamed.
  return isBuiltIn && (aggregate === source.name || aggregate === source.storedAs);
}
