import type { Answer, RefusedAnswer } from '../messages/answer.js';
import { CommandRefused, type RefusalCode } from '../messages/errors.js';
import { describeOwner, type Owner } from '../store/ownership.js';

/** Why a command is certainly not executed. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly details?: object;
  readonly cause?: unknown;
}

export const STOPPING: Refusal = { code: 'Stopping', message: 'The runtime is stopping' };
export const ABORTED: Refusal = { code: 'Aborted', message: 'The caller aborted the command' };
export const DEADLINE_PASSED: Refusal = {
  code: 'DeadlineExceeded',
  message: 'The deadline passed before the command was decided',
};

/** Other writers took the version again and again. */
export function contended(times: number): Refusal {
  const message = `Other writers were faster ${times} times`;
  return { code: 'Contended', message, details: { retryAfterMs: 100 } };
}

/** The log cannot take it, until an operator has mended it. */
export function unavailable(cause: Error): Refusal {
  return { code: 'Unavailable', message: cause.message, cause };
}

/** Another process owns the log. */
export function notOwner(owner: Owner | undefined): Refusal {
  const message = `Not executed: ${describeOwner(owner)} owns the log`;
  return { code: 'NotOwner', message, details: { owner: owner ?? null, retryAfterMs: 500 } };
}

/** True for the answer of a shard that found that another process owns the log. */
export function isNotOwner(
  answer: Answer,
): answer is RefusedAnswer & { details: { owner: Owner | null } } {
  return answer.kind === 'refused' && answer.code === 'NotOwner';
}

interface Refused {
  readonly aggregate: string;
  readonly id: string;
}

/** The answer to a command that is refused before it reaches a shard. */
export function refusedAnswer(
  { ref, aggregate, id }: Refused & { readonly ref: number },
  { code, message, details }: Refusal,
): RefusedAnswer {
  const named = { aggregate, id, ...details };
  return { ref, kind: 'refused', code, message, details: named, cause: undefined };
}

/** The error for what is refused at once. */
export function refused({ aggregate, id }: Refused, refusal: Refusal): CommandRefused {
  const { code, message, details } = refusal;
  return new CommandRefused(code, message, { aggregate, id, ...details });
}
