import type { Answer } from '../messages/answer.js';

/** Something an operator may want to know. */
export interface Notice {
  readonly kind: 'degraded' | 'recovered' | 'error' | 'warning';
  readonly message: string;
  readonly cause: unknown;
}

/** A command that is not waited for any longer. */
export interface GivenUp {
  readonly ref: number;
  readonly reason: string;
}

/** Where a shard's answers and notices go. */
export interface ShardOutput {
  answer(answer: Answer): void;
  /** Nothing more will be said of this command, and what becomes of it is not known. */
  giveUp(command: GivenUp): void;
  notice(notice: Notice): void;
  /** A batch was stored at these positions; called before its answers leave. */
  stored(positions: readonly number[]): void;
}
