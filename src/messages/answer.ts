import type { CommandMessage } from './command.js';
import type { RefusalCode, Rejection, UnknownCommand } from './errors.js';
import type { PlainError } from './plain-error.js';

/** An event in an answer; `data` is JSON text. */
export interface AnswerEvent {
  readonly type: string;
  readonly data: string;
  readonly version: number;
  readonly position: number;
}

/** What became of a command, as plain data. One shape per outcome. */
export type Answer = AcceptedAnswer | RejectedAnswer | RefusedAnswer | FailedAnswer | StateAnswer;

/** What a caller gets: a definite answer, or what is needed to find one. */
export type Reply =
  | Answer
  | { readonly kind: 'unknown'; readonly command: UnknownCommand; readonly reason: string };

/** Takes a command to where it is decided; rejects with `CommandRefused` for what is refused on the way. */
export type Dispatch = (message: CommandMessage) => Promise<Reply>;

export interface AcceptedAnswer {
  readonly ref: number;
  readonly kind: 'accepted';
  readonly version: number;
  readonly position: number;
  readonly deduplicated: boolean;
  readonly events: readonly AnswerEvent[];
  /** JSON text of the state after the command, if it was asked for. */
  readonly state: string | undefined;
}

export interface RejectedAnswer {
  readonly ref: number;
  readonly kind: 'rejected';
  readonly rejection: Rejection;
  /** Its key had been used before: this is the first outcome. */
  readonly deduplicated: boolean;
}

export interface RefusedAnswer {
  readonly ref: number;
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly message: string;
  readonly details: object;
  readonly cause: PlainError | undefined;
}

export interface FailedAnswer {
  readonly ref: number;
  readonly kind: 'failed';
  readonly message: string;
  readonly details: object;
  readonly cause: PlainError | undefined;
}

/** Answer to a state query; version 0 means that there is no such stream. */
export interface StateAnswer {
  readonly ref: number;
  readonly kind: 'state';
  readonly version: number;
  readonly position: number;
  readonly state: string | undefined;
}
