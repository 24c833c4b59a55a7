import type { Answer } from '../messages/answer.js';
import type { CommandRefused, RefusalCode, Rejection } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { DryRunAnswer } from './inspection-jobs.js';

/** What a command would lead to if it came now. Plain data. */
export type DryRun = {
  /** Version that it was decided on. */
  readonly version: number;
} & (
  | {
      readonly outcome: 'accepted';
      /** None for a no-op. Payloads as they would be stored. */
      readonly events: readonly {
        readonly type: string;
        readonly version: number;
        readonly data: unknown;
      }[];
      /** State after them. */
      readonly state: unknown;
    }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | {
      readonly outcome: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      readonly details: object;
    }
  | {
      readonly outcome: 'failed';
      readonly message: string;
      readonly details: object;
      readonly cause: PlainError | undefined;
    }
);

/** What a dry run found, as it is shown. */
export function dryRunOf({ version, answer }: DryRunAnswer): DryRun {
  return { version, ...outcomeOf(answer) } as DryRun;
}

/** One that would not even be sent. */
export function unsent({ code, message, details }: CommandRefused): DryRun {
  return { version: 0, outcome: 'refused', code, message, details };
}

function outcomeOf(answer: Answer) {
  switch (answer.kind) {
    case 'accepted': {
      const events = answer.events.map(({ type, version, data }) => ({
        ...{ type, version },
        data: JSON.parse(data) as unknown,
      }));
      return { outcome: 'accepted', events, state: parsed(answer.state) };
    }
    case 'rejected':
      return { outcome: 'rejected', rejection: answer.rejection };
    case 'refused': {
      const { code, message, details } = answer;
      return { outcome: 'refused', code, message, details };
    }
    case 'failed': {
      const { message, details, cause } = answer;
      return { outcome: 'failed', message, details, cause };
    }
    case 'state':
      // A query is no command, and is refused before.
      return { outcome: 'accepted', events: [], state: parsed(answer.state) };
  }
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
