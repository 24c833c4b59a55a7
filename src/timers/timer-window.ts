import { type StoredTimer, type TimerChanges, timerKey } from '../store/timers.js';

interface Recent {
  /** Undefined where it ended. */
  readonly timer: StoredTimer | undefined;
  readonly position: number;
}

/**
 * The timers of one source that are due first, in memory: a page of the table, and on top of it what was
 * heard since. However many timers wait, it holds at most two pages.
 *
 *   empty --load--> page of the table up to `edge` --taken down to nothing, and there are more--> empty
 *                     ^ heard: armed before the edge goes in, ended goes out; the rest is the table's
 */
export class TimerWindow {
  /** In the order in which they are due. */
  private timers: StoredTimer[] = [];
  private isLoaded = false;
  /** Timers after this one are only in the table; undefined where there are none. */
  private edge: StoredTimer | undefined;
  /** What was heard and may not be in the table yet, by timer. */
  private readonly recent = new Map<string, Recent>();

  constructor(private readonly pageSize: number) {}

  /** The next page is to be loaded before anything can be said. */
  get needsLoad(): boolean {
    return !this.isLoaded || (this.timers.length === 0 && this.edge !== undefined);
  }

  /** There are more in the table, and soon they will be wanted. */
  get isLow(): boolean {
    return this.isLoaded && this.edge !== undefined && this.timers.length < this.pageSize / 2;
  }

  /** Unix milliseconds at which the next one is due; undefined where none is known. */
  get nextDue(): number | undefined {
    return this.timers[0]?.dueAt;
  }

  get size(): number {
    return this.timers.length;
  }

  /** Forgets the page; what was heard and is not in the table stays. */
  forget(): void {
    this.timers = [];
    this.edge = undefined;
    this.isLoaded = false;
  }

  /** Takes what a batch of the log changed; `position` is that of its end. */
  heard({ armed, ended }: TimerChanges, position: number): void {
    const gone = new Set(ended.map(timerKey));
    this.timers = this.timers.filter((timer) => !gone.has(timerKey(timer)));
    for (const key of gone) this.recent.set(key, { timer: undefined, position });
    for (const timer of armed) {
      this.recent.set(timerKey(timer), { timer, position });
      if (this.isLoaded && this.isBeforeEdge(timer)) this.timers.push(timer);
    }
    this.timers.sort(compareDue);
    if (this.timers.length <= 2 * this.pageSize) return;
    this.timers.length = this.pageSize;
    this.edge = this.timers.at(-1);
  }

  /** The table has what was heard up to a position. Not to be told while a page is being loaded. */
  committed(position: number): void {
    for (const [key, recent] of this.recent)
      if (recent.position <= position) this.recent.delete(key);
  }

  /**
   * Takes a page of the table that is as it was when the last `committed` was told, or newer, but for what
   * was taken out before; `limit` is what was asked for.
   */
  load(
    page: readonly StoredTimer[],
    limit: number,
    isTaken: (timer: StoredTimer) => boolean,
  ): void {
    this.edge = page.length < limit ? undefined : page.at(-1);
    this.isLoaded = true;
    const heard = [...this.recent.values()].flatMap(({ timer }) => timer ?? []);
    this.timers = [
      ...page.filter((timer) => !this.recent.has(timerKey(timer))),
      ...heard.filter((timer) => this.isBeforeEdge(timer)),
    ]
      .filter((timer) => !isTaken(timer))
      .sort(compareDue);
  }

  /** Takes out those that are due, at most so many. */
  takeDue(now: number, limit: number): readonly StoredTimer[] {
    const end = this.timers.findIndex((timer) => timer.dueAt > now);
    return this.timers.splice(0, Math.min(limit, end < 0 ? this.timers.length : end));
  }

  private isBeforeEdge(timer: StoredTimer): boolean {
    return this.edge === undefined || compareDue(timer, this.edge) <= 0;
  }
}

function compareDue(a: StoredTimer, b: StoredTimer): number {
  return a.dueAt - b.dueAt || a.position - b.position;
}
