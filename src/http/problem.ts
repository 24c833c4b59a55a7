import { STATUS_CODES } from 'node:http';
import {
  CommandRefused,
  CommandRejected,
  OutcomeUnknown,
  TroupeError,
} from '../messages/errors.js';
import { type FieldError, HttpError } from './http-error.js';
import { PROBLEMS } from './problem-status.js';
import type { Redact } from './redaction.js';

/** The body of each answer that is an error, as RFC 9457 has it. */
export interface Problem {
  /** `urn:troupe:problem:` and the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** For people. */
  readonly detail: string;
  /** For programs: the code of the rejection, or of the refusal. */
  readonly code: string;
  /** Whose rule it is: the aggregate's prefix (or name), or `troupe`. */
  readonly domain: string;
  /** Number of the code: `prefix.number` x 1000 and its own, or one of `troupe`. */
  readonly internalCode: number;
  /** What is wrong with the body, piece by piece. */
  readonly errors?: readonly FieldError[];
  /** Details that the rejection declares. */
  readonly details?: object;
  /** Id of the trace, of the request's `traceparent` or a new one: a log names it, too. */
  readonly traceId: string;
  /** Of a command whose outcome is unknown. */
  readonly commandId?: string;
  /** Where its outcome can be asked for. */
  readonly resolve?: string;
}

/** What is known of the request that failed. */
export interface Failing {
  readonly traceId: string;
  readonly redact: Redact;
  /** What it was about. */
  readonly target: {
    readonly aggregate?: string;
    readonly id?: string;
    readonly command?: string;
    /** Prefix or name of the aggregate. */
    readonly domain?: string;
  };
  /** The request had `If-Match` or `If-None-Match`. */
  readonly isConditional: boolean;
  /** Where in the body the data of the command is. */
  readonly pointer: string;
  /** The URL that resolves an unknown outcome. */
  resolve(error: OutcomeUnknown): string;
}

/** A problem and the headers that go with it. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer to a request that failed. Of what is not an error of Troupe, nothing is told but its trace. */
export function toProblem(error: unknown, failing: Failing): ProblemAnswer {
  if (error instanceof CommandRejected) return ofRejection(error, failing);
  if (error instanceof HttpError) return ofHttp(error, failing);
  if (error instanceof TroupeError && PROBLEMS.has(error.code)) return ofTroupe(error, failing);
  const internal = 'It is not your request that is at fault; the log of the server has the trace';
  return answer('InternalError', internal, failing);
}

function ofRejection(rejection: CommandRejected, failing: Failing): ProblemAnswer {
  const { aggregate, id, domain = 'troupe' } = failing.target;
  const { code, message, details } = rejection;
  const shown = failing.redact(
    { message, details },
    { kind: 'rejection', ...(aggregate && { aggregate }), ...(id && { id }), type: code },
  ) as { readonly message: string; readonly details: object };
  const status = errorStatus(rejection.status);
  return {
    headers: {},
    problem: {
      type: `urn:troupe:problem:${encodeURIComponent(code)}`,
      title: STATUS_CODES[status] ?? 'Rejected',
      status,
      detail: shown.message,
      ...{ code, domain, internalCode: rejection.number },
      details: shown.details,
      traceId: failing.traceId,
    },
  };
}

/** What an error declares may be anything; it may have been stored by another version of the domain. */
function errorStatus(declared: number): number {
  return Number.isInteger(declared) && declared >= 400 && declared <= 599 ? declared : 400;
}

function ofHttp(error: HttpError, failing: Failing): ProblemAnswer {
  const { headers, errors, status } = error;
  const given = answer(error.code, error.message, failing, errors && { errors });
  return { problem: { ...given.problem, status }, headers: { ...given.headers, ...headers } };
}

function ofTroupe(error: TroupeError, failing: Failing): ProblemAnswer {
  if (error instanceof OutcomeUnknown) {
    const { commandId } = error.command;
    const resolve = failing.resolve(error);
    const detail = `Whether command ${commandId} was executed is not known yet: ask ${resolve}`;
    return answer(error.code, detail, failing, { commandId, resolve });
  }
  if (error.code === 'VersionConflict' && failing.isConditional)
    return answer('PreconditionFailed', error.message, failing);
  if (error.code === 'InvalidCommand') return ofInvalid(error, failing);
  // A failure's message may hold domain data that a bug has put there.
  const detail =
    error.code === 'CommandFailed' ? 'The command was certainly not executed' : error.message;
  const given = answer(error.code, detail, failing);
  return error instanceof CommandRefused ? { ...given, headers: retryOf(error, given) } : given;
}

function retryOf(error: TroupeError, { headers }: ProblemAnswer): Readonly<Record<string, string>> {
  const { retryAfterMs } = error.details;
  if (typeof retryAfterMs !== 'number') return headers;
  return { ...headers, 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}

/** What a schema says may quote the data, so it is shown only as redacted. */
function ofInvalid(error: TroupeError, failing: Failing): ProblemAnswer {
  const { issues } = error.details;
  if (!Array.isArray(issues)) return answer(error.code, error.message, failing);
  const { aggregate, id, command } = failing.target;
  const errors = failing.redact(
    issues.map((issue: Issue) => toFieldError(issue, failing.pointer)),
    {
      kind: 'command',
      ...(aggregate && { aggregate }),
      ...(id && { id }),
      ...(command && { type: command }),
    },
  ) as readonly FieldError[];
  const detail = `The data of the command does not fit: ${errors.length} error${errors.length === 1 ? '' : 's'}`;
  return answer(error.code, detail, failing, { errors });
}

interface Issue {
  readonly path: string;
  readonly pointer?: string;
  readonly message: string;
}

function toFieldError({ path, pointer, message }: Issue, at: string): FieldError {
  return { pointer: at + (pointer ?? pointerOf(path)), message };
}

/** `data.list[1]` is how what cannot be sent as JSON is named. */
function pointerOf(path: string): string {
  const inside = path.replace(/^(data|metadata)(?=[.[]|$)/, '').replaceAll(/\[(\d+)\]/g, '.$1');
  return inside.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('.', '/');
}

function answer(
  code: string,
  detail: string,
  { traceId }: Failing,
  more: Partial<Problem> = {},
): ProblemAnswer {
  const { status = 500, title = code, internalCode = 0, retryAfter } = PROBLEMS.get(code) ?? {};
  const type = `urn:troupe:problem:${code}`;
  return {
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    problem: {
      type,
      title,
      status,
      detail,
      code,
      domain: 'troupe',
      internalCode,
      ...more,
      traceId,
    },
  };
}
