import { commandFor } from '../command-for.js';
import type { LoanCommand } from '../loan-application.js';
import type { LoanCase } from '../loan-case.js';

/** One line of the log, ready to be sent. */
export interface LoanStep {
  /** Place in its case, from 0. */
  readonly index: number;
  readonly activity: string;
  readonly command: LoanCommand;
  /** When it happened, in Unix milliseconds. */
  readonly occurredAt: number;
  /** Alike in every run, so that a second one changes nothing. */
  readonly idempotencyKey: string;
}

/** The steps of a case. Throws a `XesError` before any of them is sent if one cannot be made. */
export function stepsOf(loanCase: LoanCase): readonly LoanStep[] {
  return loanCase.events.map((event) => ({
    index: event.index,
    activity: event.activity,
    command: commandFor(event, loanCase),
    occurredAt: event.timestamp,
    idempotencyKey: `${loanCase.id}/${event.index}`,
  }));
}
