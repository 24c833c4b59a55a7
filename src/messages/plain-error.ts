import { jsonProblem } from '../internal/json.js';

/** An error as plain data: what survives a thread boundary, a log line and a database column. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly details?: object;
  readonly cause?: PlainError;
}

const MAX_DEPTH = 5;

/** Turns anything thrown into plain data. Structured clone would strip class, code and fields. */
export function toPlainError(thrown: unknown, depth = 0): PlainError {
  if (!(thrown instanceof Error)) return { name: 'Thrown', message: describe(thrown) };
  const extra = thrown as Error & { code?: unknown; details?: unknown };
  return {
    name: describe(thrown.name),
    message: describe(thrown.message),
    ...(typeof extra.code === 'string' && { code: extra.code }),
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
    ...(isPlainObject(extra.details) && { details: extra.details }),
    ...(thrown.cause !== undefined &&
      depth < MAX_DEPTH && { cause: toPlainError(thrown.cause, depth + 1) }),
  };
}

/** Details of any error may hold what cannot be sent, or itself. */
function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && jsonProblem(value) === undefined;
}

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
