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

/**
 * Turns anything thrown into plain data that JSON can carry, whatever hangs on it. Structured clone
 * would strip class, code and fields.
 */
export function toPlainError(thrown: unknown, depth = 0): PlainError {
  if (!(thrown instanceof Error)) return { name: 'Thrown', message: describe(thrown) };
  try {
    return fromError(thrown, depth);
  } catch {
    return { name: 'Thrown', message: describe(thrown) }; // a getter of it threw
  }
}

function fromError(
  error: Error & { code?: unknown; details?: unknown },
  depth: number,
): PlainError {
  const { code, stack, details, cause } = error;
  return {
    name: describe(error.name),
    message: describe(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof stack === 'string' && { stack }),
    ...(isPlainObject(details) && { details }),
    ...(cause !== undefined && depth < MAX_DEPTH && { cause: toPlainError(cause, depth + 1) }),
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
    return 'something that cannot be described';
  }
}
