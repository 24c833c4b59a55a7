import type { PlainError } from './plain-error.js';

/**
 * Base of every error that Troupe throws. Recognise errors by their literal `code`, not by class:
 * errors cross threads as plain data.
 */
export class TroupeError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: object = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = code;
    this.code = code;
    this.details = details as Readonly<Record<string, unknown>>;
  }
}

/** A command that the domain refused by its own rules. `code` is the full one, e.g. `ACCOUNT_CLOSED`. */
export class CommandRejected extends TroupeError {
  readonly outcome = 'rejected';
  /** The short code as declared in the aggregate's `errors`, or `NotFound` / `AlreadyExists`. */
  readonly shortCode: string;
  /** `prefix.number` x 1000 + the number of the declared error; 0 for built-in ones without a prefix. */
  readonly number: number;
  /** HTTP status declared for this error. */
  readonly status: number;
  /** The command's key had been used before: this is the first outcome. */
  readonly deduplicated: boolean;

  constructor(rejection: Rejection, deduplicated = false) {
    super(rejection.code, rejection.message, rejection.details);
    this.shortCode = rejection.shortCode;
    this.number = rejection.number;
    this.status = rejection.status;
    this.deduplicated = deduplicated;
  }
}

/** A domain rejection as plain data. */
export interface Rejection {
  readonly code: string;
  readonly shortCode: string;
  readonly number: number;
  readonly status: number;
  readonly message: string;
  readonly details: object;
}

/** Why a command was certainly not executed. */
export type RefusalCode =
  | 'InvalidCommand'
  | 'UnknownCommand'
  | 'UnknownAggregate'
  | 'InvalidId'
  | 'KeyReused'
  | 'VersionConflict'
  | 'Overloaded'
  | 'Contended'
  | 'DeadlineExceeded'
  | 'Aborted'
  | 'Stopping'
  | 'Overtaken'
  | 'Unavailable'
  | 'StreamUnreadable'
  | 'InlineProjectionsDiffer'
  | 'NotOwner'
  | 'Quarantined';

const PASSING: ReadonlySet<RefusalCode> = new Set([
  ...(['Overloaded', 'Contended', 'DeadlineExceeded', 'Aborted'] as const),
  ...(['Stopping', 'Overtaken', 'Unavailable', 'NotOwner'] as const),
  // Until the other processes are of the same release, or this one is replaced.
  ...(['InlineProjectionsDiffer'] as const),
]);

/** Does what the command was refused for pass by itself? Any other refusal would come again for ever. */
export function passes(code: RefusalCode): boolean {
  return PASSING.has(code);
}

/** A command that was certainly not executed, and is not stored as an outcome: it may be sent again. */
export class CommandRefused extends TroupeError {
  readonly outcome = 'refused';
  declare readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, details?: object, cause?: unknown) {
    super(code, message, details, cause);
  }
}

/** A bug in the domain's code (decide, evolve, a schema): the command was certainly not executed. */
export class CommandFailed extends TroupeError {
  readonly outcome = 'failed';

  constructor(
    message: string,
    details: object,
    cause: PlainError | undefined,
    code: 'CommandFailed' | 'InlineProjectionFailed' = 'CommandFailed',
  ) {
    super(code, message, details, cause);
  }
}

/** What `runtime.outcome` needs to find out what became of a command. Plain data: it may be stored. */
export interface UnknownCommand {
  readonly commandId: string;
  readonly aggregate: string;
  readonly id: string;
  /** Its idempotency key, or empty. */
  readonly key: string;
  /** The writer that may have appended it; 0 if it was never handed to one. */
  readonly writerId: number;
  /** A position that is certainly lower than any event of this command. */
  readonly afterPosition: number;
  /** The incarnation of the server in which `afterPosition` was seen. */
  readonly incarnation: string;
}

/**
 * The one answer that is not definite: the command may or may not be stored. Pass the error to
 * `runtime.outcome(error)` to find out. Sending it again with the same idempotency key is safe.
 */
export class OutcomeUnknown extends TroupeError {
  readonly outcome = 'unknown';
  readonly command: UnknownCommand;

  constructor(command: UnknownCommand, reason: string) {
    const what = `${command.aggregate}/${command.id} (command ${command.commandId})`;
    super(
      'OutcomeUnknown',
      `The outcome for ${what} is not known yet: ${reason}. Ask runtime.outcome(error).`,
      command,
    );
    this.command = command;
  }
}

/** Something is wrong with the set-up: options, the domain module, the database. */
export class SetupError extends TroupeError {}

/** True if `error` is a Troupe error, optionally with this code. */
export function isTroupeError(error: unknown, code?: string): error is TroupeError {
  return error instanceof TroupeError && (code === undefined || error.code === code);
}

/** True if the command was certainly not executed, optionally for this reason. */
export function isRefusal(error: unknown, code?: RefusalCode): error is CommandRefused {
  return error instanceof CommandRefused && (code === undefined || error.code === code);
}
