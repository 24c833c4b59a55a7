import type { StoredEvent } from '../messages/event.js';
import type { Batch, Checkpoint, StoredFilter, SubscriptionStore } from '../store/subscriptions.js';
import type { LogTail } from './log-tail.js';
import type { Rest } from './rest.js';
import { matcher } from './stored-filter.js';

/** What a subscription reads from. */
export interface FollowingParts {
  readonly tail: LogTail;
  readonly store: Pick<SubscriptionStore, 'page'>;
  readonly wanted: StoredFilter;
}

/** What a subscription wants of the log: from the tail, and where it is behind that from the database. */
export class Following {
  private readonly wants: (event: StoredEvent) => boolean;
  private history = 0;
  /** Times that the tail did not hold what follows although it had been caught up with. */
  fallbacks = 0;

  constructor(private readonly parts: FollowingParts) {
    this.wants = matcher(parts.wanted);
  }

  /** Takes the log to be the one that the tail has now. */
  begin(): void {
    this.history = this.parts.tail.histories;
  }

  /** It turned out to be another log. */
  get isLost(): boolean {
    return this.parts.tail.histories !== this.history;
  }

  /** There is more than up to there. */
  goesOn({ position }: Checkpoint): boolean {
    const { end } = this.parts.tail;
    return end !== undefined && end.position > position;
  }

  /** Up to `limit` events after a position; `undefined` if the tail does not hold all after it. */
  held(after: number, limit: number, isLive: boolean): Batch | undefined {
    const held = this.parts.tail.after(after, limit, this.wants);
    if (!held && isLive) this.fallbacks += 1;
    return held;
  }

  /** As `held`, from the database. */
  page(after: number, upTo: Checkpoint, limit: number): Promise<Batch> {
    return this.parts.store.page({ filter: this.parts.wanted, after, upTo, limit });
  }

  /**
   * Rests for a time, in milliseconds, or until there is something that is wanted; `pass` hears how far there
   * is nothing.
   */
  grown(rest: Rest, ms: number, pass: (upTo: Checkpoint) => void): Promise<void> {
    return rest.pause(ms, (end) =>
      this.parts.tail.listen({
        grown: (rows, upTo) => (rows.some(this.wants) ? end() : pass(upTo)),
        reset: end,
      }),
    );
  }
}
