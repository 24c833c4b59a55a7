import { TroupeError } from '../messages/errors.js';

/** One thing that is wrong with what was sent. */
export interface FieldError {
  /** JSON Pointer (RFC 6901) into the body; empty for all of it. */
  readonly pointer: string;
  readonly message: string;
}

/** What `HttpError` knows beside its message. */
export interface HttpErrorParts {
  readonly status: number;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was not understood or not admitted; nothing was done. */
export class HttpError extends TroupeError {
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, parts: HttpErrorParts) {
    super(code, message);
    this.status = parts.status;
    this.errors = parts.errors;
    this.headers = parts.headers ?? {};
  }
}

/** A request that does not say what it should: 400. */
export function badRequest(code: string, message: string): HttpError {
  return new HttpError(code, message, { status: 400 });
}

/** Something that is not there: 404. */
export function notFound(code: string, message: string): HttpError {
  return new HttpError(code, message, { status: 404 });
}
