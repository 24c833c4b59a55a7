import type { Answer } from '../messages/answer.js';

/** Something an operator may want to know. */
export interface Notice {
  readonly kind: 'degraded' | 'recovered' | 'error' | 'warning';
  readonly message: string;
  readonly cause: unknown;
}

/** Where a shard's answers and notices go. */
export interface ShardOutput {
  answer(answer: Answer): void;
  notice(notice: Notice): void;
  /** A batch was stored at these positions; called before its answers leave. */
  stored(positions: readonly number[]): void;
}
