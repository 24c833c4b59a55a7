import type { Domain } from '../aggregate/domain.js';
import type { Tell } from '../dispatcher/subscription.js';
import type { Clock } from '../internal/clock.js';
import type { Send } from '../projection/send.js';
import type { Store } from '../store/store.js';
import type { TimerTable } from '../store/timers.js';
import { MemoryIndex } from './memory-index.js';
import type { TimerOwner } from './timer-owner.js';
import { timerOwners, timerSources } from './timers.js';

/** What it is made of. */
export interface MemoryTimersParts {
  readonly domain: Domain;
  readonly store: Store;
  readonly table: TimerTable;
  readonly clock: Clock;
  readonly send: Send;
  readonly tell: Tell;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Fires timers in a process whose log has no subscriptions: the index is read from the log at each start. */
export class MemoryTimers {
  private readonly owners: readonly TimerOwner[];
  private readonly index: MemoryIndex;

  private constructor(parts: MemoryTimersParts) {
    const { domain, store, send, tell } = parts;
    this.owners = timerOwners(timerSources(domain, send), {
      ...{ table: parts.table, clock: domain.clock ?? parts.clock },
    });
    const indexes = this.owners.map(({ index }) => index);
    this.index = new MemoryIndex(store, domain, { indexes, tell });
  }

  /** Undefined where nothing in the domain arms timers. */
  static start(parts: MemoryTimersParts): MemoryTimers | undefined {
    const timers = new MemoryTimers(parts);
    if (timers.owners.length === 0) return undefined;
    timers.index.wake();
    return timers;
  }

  /** Unix milliseconds at which the next timer is due; undefined where none is known. */
  get nextDue(): number | undefined {
    const due = this.owners.flatMap(({ nextDue }) => nextDue ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** The log may have grown. */
  wake(): void {
    this.index.wake();
  }

  /** All that was committed before the call is in the index when it resolves. */
  caughtUp(): Promise<void> {
    return this.index.caughtUp();
  }

  /** Resolves when all that is due was fired, and what that armed, if it is due, was too. */
  async settled(): Promise<void> {
    for (;;) {
      await this.index.caughtUp();
      await nextTurn();
      if (this.owners.every(({ isQuiet }) => isQuiet)) return;
    }
  }

  stop(): Promise<void> {
    return this.index.stop();
  }
}
