import { SetupError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { FeedBlame } from './feed-blame.js';
import type { Turnstile } from './turnstile.js';

/** Runs code of the domain beside batches, so that a thread that it ends is laid at its door. */
export interface Guard {
  /** Runs a part whose first event is after this position. Never inside a transaction, which others may wait for. */
  run<T>(after: number, work: () => Promise<T>): Promise<T>;
}

/** Of a consumer during whose build the thread has ended. Plain data. */
export interface BuildRecord {
  /** The first position that it had then. */
  readonly at: number;
  /** It was its own doing: this process does not try again. */
  readonly refusal: PlainError | undefined;
}

/** What a guard of builds works with. */
export interface BuildGuardParts {
  readonly blame: FeedBlame;
  readonly turnstile: Turnstile;
  readonly record: BuildRecord | undefined;
}

/** Of what builds a raised version by itself: up to where it was suspected before, nobody runs beside it. */
export class BuildGuard implements Guard {
  constructor(private readonly parts: BuildGuardParts) {}

  /** Throws `ProcessorEnded` if it has ended threads before. */
  check(): void {
    const refusal = this.parts.record?.refusal;
    if (refusal) throw new SetupError('ProcessorEnded', refusal.message, refusal.details ?? {});
  }

  run<T>(after: number, work: () => Promise<T>): Promise<T> {
    const { blame, turnstile, record } = this.parts;
    const isSuspect = record !== undefined && after < record.at;
    return turnstile.pass(isSuspect, () => noting(blame, after, work));
  }
}

/** Of what operators ask for, which may take long, and several at a time; it holds up nobody. */
export class OperationGuard implements Guard {
  private underWay = 0;

  constructor(private readonly blame: FeedBlame) {}

  run<T>(after: number, work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    const { enter } = this.blame;
    const leave = (): void => {
      this.underWay -= 1;
      if (this.underWay === 0) this.blame.leave();
    };
    return noting({ enter, leave }, after, work);
  }
}

async function noting<T>(blame: FeedBlame, after: number, work: () => Promise<T>): Promise<T> {
  blame.enter(after + 1, after + 1);
  try {
    return await work();
  } finally {
    blame.leave();
  }
}
