import { isRefusal, isTroupeError, type RefusalCode } from 'troupe';

/** What became of one step. */
export type Answer =
  | { readonly kind: 'accepted'; readonly version: number; readonly deduplicated: boolean }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  /** Not executed for now, or not known: sent once more it is executed once, for it has a key. */
  | { readonly kind: 'again'; readonly error: Error }
  /** No use in sending it again. */
  | { readonly kind: 'impossible'; readonly error: unknown };

const passing: ReadonlySet<RefusalCode> = new Set([
  'Overloaded',
  'Contended',
  'DeadlineExceeded',
  'Unavailable',
  'Stopping',
  'VersionConflict',
]);

/** The answer that a thrown error stands for. */
export function answerOf(error: unknown): Answer {
  const passes = isRefusal(error)
    ? passing.has(error.code)
    : isTroupeError(error, 'OutcomeUnknown');
  return passes ? { kind: 'again', error: error as Error } : { kind: 'impossible', error };
}
