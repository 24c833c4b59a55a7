/** What can be wrong with a log file. */
export type XesErrorCode =
  | 'FILE_MISSING'
  | 'FILE_UNREADABLE'
  | 'FILE_EMPTY'
  | 'GZIP_TRUNCATED'
  | 'GZIP_CORRUPT'
  | 'NOT_UTF8'
  | 'NOT_XML'
  | 'XML_MALFORMED'
  | 'XML_TRUNCATED'
  | 'WRONG_ROOT'
  | 'MISPLACED_ELEMENT'
  | 'EVENT_OUTSIDE_TRACE'
  | 'MISSING_ATTRIBUTE'
  | 'REPEATED_ATTRIBUTE'
  | 'BAD_DATE'
  | 'BAD_AMOUNT'
  | 'TRACE_TOO_LONG'
  | 'REPEATED_CASE'
  | 'UNKNOWN_ACTIVITY';

/** A place in a log file; `line` counts from 1 in the unpacked text. */
export interface XesPlace {
  readonly path: string;
  readonly line?: number;
}

/** A log file that cannot be read, with the line at which that shows. */
export class XesError extends Error {
  override readonly name = 'XesError';
  readonly code: XesErrorCode;
  readonly path: string;
  readonly line: number | undefined;

  constructor(code: XesErrorCode, place: XesPlace, problem: string, options?: ErrorOptions) {
    const { path, line } = place;
    super(`${line === undefined ? path : `${path}:${line}`}: ${problem}`, options);
    this.code = code;
    this.path = path;
    this.line = line;
  }
}
