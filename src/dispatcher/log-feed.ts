import { type Backoff, backoffMs } from '../internal/backoff.js';

/*
 * Reads a log in order, from a mark on, for as long as it runs:
 *
 *   catchingUp --nothing more to read--> live --a wake-up, or the poll interval--> catchingUp
 *      |    ^
 *      |    +------a read has come back-----+
 *      +--a read failed, or takes long--> stalled        (any) --stop--> stopped
 *
 * The mark moves only after a page was handled, so what was handled is never more than a page ahead of
 * what is read, and a page that could not be handled comes again.
 */

/** Where a feed stands; see the drawing above. */
export type FeedState = 'catchingUp' | 'live' | 'stalled' | 'stopped';

/** A page of the log. */
export interface FeedPage<Row> {
  readonly rows: readonly Row[];
  /** The position up to which this page tells all there is; lower than asked for if the log was set back. */
  readonly upTo: number;
  /** More can be read at once. */
  readonly more: boolean;
}

/** Where a feed reads. */
export interface FeedSource<Row> {
  /** The position after which the feed begins: everything at or below it is settled. */
  start(): Promise<number>;
  /**
   * The page after a position; it must not leave out what is still under way below its end. Not a promise
   * where it is at hand.
   */
  read(after: number): Promise<FeedPage<Row>> | FeedPage<Row>;
}

/** What a feed is made of. */
export interface FeedParts<Row> {
  readonly source: FeedSource<Row>;
  /** Takes a page, in order; the next one is read when it is done. If it rejects, the page comes again. */
  handle(rows: readonly Row[]): Promise<void> | void;
  /** Told when the feed cannot go on, and when it does again. */
  changed?(state: FeedState, cause: Error | undefined): void;
  /** How long a live feed waits for a wake-up before it reads all the same. Milliseconds. Default 500. */
  readonly pollMs?: number;
  /** Shortest time between two reads of a live feed, however often it is woken. Milliseconds. Default 10. */
  readonly restMs?: number;
  /** A read that takes longer than this is a stall. Milliseconds. Default 5 000. */
  readonly stallMs?: number;
}

/** How often a live feed reads without being woken. Milliseconds. */
export const POLL_MS = 500;
const REST_MS = 10;
const STALL_MS = 5000;
const RETRY: Backoff = { firstMs: 20, maxMs: 2000 };

/** One ordered reader of a log. Holds one page in memory. */
export class LogFeed<Row> {
  private current: FeedState = 'catchingUp';
  private position: number | undefined;
  private woken = false;
  /** What it was woken for is at hand: no rest before it. */
  private isAtHand = false;
  private endPause: (() => void) | undefined;
  private endRead: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly parts: FeedParts<Row>) {}

  get state(): FeedState {
    return this.current;
  }

  /** Position up to which everything was handled; `undefined` until it is known where the feed begins. */
  get mark(): number | undefined {
    return this.position;
  }

  /** Begins to read. */
  start(): void {
    this.running ??= this.run();
  }

  /** Says that the log may have grown: to `position`, or nobody knows how far. */
  wake(position = Number.POSITIVE_INFINITY): void {
    if (this.position !== undefined && position <= this.position) return;
    this.woken = true;
    if (this.current === 'live') this.endPause?.();
  }

  /** Says that what comes next can be read without asking anybody: it is read at once. */
  wakeAtOnce(): void {
    this.woken = true;
    this.isAtHand = true;
    if (this.current !== 'stalled') this.endPause?.();
  }

  /** Reads no more; resolves when what was being handled is done. Does not wait for a read. */
  async stop(): Promise<void> {
    this.enter('stopped');
    this.endRead?.();
    this.endPause?.();
    await this.running;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.isStopped(); ) {
      try {
        const more = await this.step();
        failures = 0;
        if (!more) await this.rest();
      } catch (error) {
        failures += 1;
        this.enter('stalled', error instanceof Error ? error : new Error(String(error)));
        await this.pause(backoffMs(RETRY, failures));
      }
    }
  }

  /** Reads and handles one page; true if there is more to read at once. */
  private async step(): Promise<boolean> {
    const { source, handle } = this.parts;
    this.woken = false; // whoever wakes it from now on may know more than this read finds
    this.isAtHand = false;
    const after = this.position;
    if (after === undefined) {
      this.position = await this.watched(source.start());
      return true;
    }
    const reading = source.read(after);
    const page = reading instanceof Promise ? await this.watched(reading) : reading;
    if (!page) return false;
    if (page.rows.length > 0) await handle(page.rows);
    this.position = page.upTo;
    return page.more;
  }

  private async rest(): Promise<void> {
    const { pollMs = POLL_MS, restMs = REST_MS } = this.parts;
    if (!this.isAtHand) await this.pause(restMs); // wake-ups that come now are answered together
    if (this.isStopped()) return;
    this.enter('live');
    if (!this.woken) await this.pause(pollMs - restMs);
    this.enter('catchingUp');
  }

  /** Ends after a time, or when the feed is stopped; while it is live, also by a wake-up. */
  private pause(ms: number): Promise<void> {
    if (this.isStopped()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.endPause = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.endPause = end;
    });
  }

  /** A read that takes long is a stall, which ends when it comes back. `undefined` when the feed is stopped. */
  private async watched<T>(reading: Promise<T>): Promise<T | undefined> {
    const { stallMs = STALL_MS } = this.parts;
    const cause = new Error(`A read of the log has taken ${stallMs} ms: a position below is held`);
    const timer = setTimeout(() => this.enter('stalled', cause), stallMs);
    try {
      const result = await this.unlessStopped(reading);
      this.enter('catchingUp');
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** No race with a promise that lives as long as the feed: that would keep every page it was raced with. */
  private unlessStopped<T>(reading: Promise<T>): Promise<T | undefined> {
    if (this.isStopped()) {
      reading.catch(() => undefined);
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      this.endRead = () => resolve(undefined);
      reading.then(resolve, reject);
    });
  }

  private enter(state: FeedState, cause?: Error): void {
    if (this.current === state || this.current === 'stopped') return;
    const before = this.current;
    this.current = state;
    if (state === 'stalled' || before === 'stalled') this.parts.changed?.(state, cause);
  }

  /** `stop` may have been called while something was awaited. */
  private isStopped(): boolean {
    return this.current === 'stopped';
  }
}
