import type { PlainError } from '../messages/plain-error.js';

/** Levels of log records, most important last. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Takes the log records of all threads: pino, or anything of its form. Fields are names and ids
 * (`shard`, `aggregate`, `id`, `commandId`, ...) and `err`, an error as plain data; never payloads.
 */
export interface Logger {
  trace?(fields: object, message: string): void;
  debug?(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** As pino has it: records of other levels are not made. Without it, every level that has a method is. */
  isLevelEnabled?(level: LogLevel): boolean;
}

/** One log record on its way to the logger. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: object;
}

/** No level: nothing is logged. */
export const SILENT = LOG_LEVELS.length;

/** Index of the least important level that a logger wants; `SILENT` without a logger. */
export function wantedLevel(logger: Logger | undefined): number {
  if (!logger) return SILENT;
  const wanted = LOG_LEVELS.findIndex(
    (level) => logger[level] !== undefined && (logger.isLevelEnabled?.(level) ?? true),
  );
  return wanted === -1 ? SILENT : wanted;
}

/** Hands a record to a logger. What it throws is its own matter: nothing of ours may end with it. */
export function writeLog(logger: Logger | undefined, { level, fields, message }: LogRecord): void {
  try {
    logger?.[level]?.(fields, message);
  } catch {
    // A logger that throws has nowhere to tell it.
  }
}

const IDS = ['aggregate', 'id', 'version', 'type', 'command', 'commandId'];

/** An error as a log shows it, and the ids among its details: whatever else they hold stays out. */
export function errorFields(error: PlainError | undefined): object {
  if (!error) return {};
  const { name, message, code, stack, details } = error;
  const ids = Object.entries(details ?? {}).filter(([key]) => IDS.includes(key));
  return {
    ...Object.fromEntries(ids),
    err: { type: name, message, ...(code !== undefined && { code }), ...(stack && { stack }) },
  };
}

/** What an operator is told, as far as it is logged. */
interface LoggedNotice {
  readonly kind: 'degraded' | 'recovered' | 'warning' | 'error' | 'info' | 'ownership';
  readonly message: string;
  readonly cause: PlainError | undefined;
  readonly shard?: number;
}

const NOTICE_LEVELS = {
  degraded: 'warn',
  info: 'info',
  ownership: 'info',
  recovered: 'info',
  warning: 'warn',
  error: 'error',
} as const;

/** Logs what the runtime tells by its events as well. */
export function logNotice(logger: Logger | undefined, notice: LoggedNotice): void {
  if (!logger) return;
  const { kind, message, cause, shard } = notice;
  const fields = { ...(shard !== undefined && { shard }), event: kind, ...errorFields(cause) };
  writeLog(logger, { level: NOTICE_LEVELS[kind], message, fields });
}
