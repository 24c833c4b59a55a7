import { SetupError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { FeedBlame } from './feed-blame.js';
import type { Turnstile } from './turnstile.js';

/** Of a consumer during whose build the thread has ended. Plain data. */
export interface BuildRecord {
  /** The first position that it had then. */
  readonly at: number;
  /** It was its own doing: this process does not try again. */
  readonly refusal: PlainError | undefined;
}

/** What a guard works with. */
export interface BuildGuardParts {
  readonly blame: FeedBlame;
  readonly turnstile: Turnstile;
  readonly record: BuildRecord | undefined;
}

/**
 * Runs code of the domain that builds what a consumer writes, so that a thread that it ends is laid at its
 * door, and not at that of those who handle events beside it: once suspected, it runs with nobody beside it.
 */
export class BuildGuard {
  constructor(private readonly parts: BuildGuardParts) {}

  /** Throws `ProcessorEnded` if it has ended threads before. */
  check(): void {
    const refusal = this.parts.record?.refusal;
    if (refusal) throw new SetupError('ProcessorEnded', refusal.message, refusal.details ?? {});
  }

  /** Runs a part of it: the first event is after this position. Never inside a transaction, which others may wait for. */
  run<T>(after: number, work: () => Promise<T>): Promise<T> {
    const { blame, turnstile, record } = this.parts;
    return turnstile.pass(record !== undefined, async () => {
      blame.enter(after + 1, after + 1);
      try {
        return await work();
      } finally {
        blame.leave();
      }
    });
  }
}
