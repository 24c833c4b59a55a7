import { streamKey } from '../messages/ids.js';
import type { PositionRange } from '../messages/position-range.js';
import type { LogHead, Store } from '../store/store.js';
import type { WakeUpListener, WakeUps } from '../store/wake-ups.js';
import { type FeedPage, type FeedState, LogFeed } from './log-feed.js';
import { OwnPositions } from './own-positions.js';

/*
 * What other processes append reaches the actors that this one has in memory, so that their next command
 * is not decided on a state that has passed. The host reads once for all shards: N readers by slice would
 * read each page N times, and would not know which rows are their neighbours'. Shards tell which positions
 * they stored, an interval a batch; so a process that is alone asks for the end of the log twice a second,
 * finds that all of it is its own, and reads nothing.
 */

/** What it is made of. */
export interface ForeignCommitsParts {
  readonly store: Pick<Store, 'logEnd' | 'readHeads' | 'settledEnd'>;
  /** The writers of this process. */
  writers(): readonly number[];
  /** Takes the newest version of each stream in a page that others appended to. */
  deliver(heads: readonly LogHead[]): void;
  /** Opens the line to other processes, if there is to be one. */
  openWakeUps?(listener: WakeUpListener): WakeUps | undefined;
  /** Told when others cannot be followed, and when they can be again. */
  changed(state: FeedState, cause: Error | undefined): void;
  /** Told when other processes are not heard, and when they are again. */
  heard(cause: Error | undefined): void;
}

const PAGE_SIZE = 1000;

/** Follows what other processes commit, and tells them of what this one does. */
export class ForeignCommits {
  private readonly own = new OwnPositions();
  private readonly feed: LogFeed<LogHead>;
  private readonly wakeUps: WakeUps | undefined;
  /** Somebody else may write: worth telling. */
  private isShared = false;

  constructor(private readonly parts: ForeignCommitsParts) {
    this.feed = new LogFeed({
      source: {
        start: () => parts.store.settledEnd(),
        read: (after) => this.read(after),
      },
      handle: (heads) => parts.deliver(newestOf(heads)),
      changed: (state, cause) => parts.changed(state, cause),
    });
    this.wakeUps = parts.openWakeUps?.({
      wake: (position) => this.wake(position),
      heard: (cause) => parts.heard(cause),
    });
    this.feed.start();
  }

  /** The state of the reader, and how far it has read. */
  get progress(): { readonly state: FeedState; readonly mark: number | undefined } {
    return { state: this.feed.state, mark: this.feed.mark };
  }

  /** A shard of this process has stored these positions. */
  stored(ranges: readonly PositionRange[]): void {
    for (const range of ranges) this.own.add(range);
    if (this.isShared) this.wakeUps?.announce(this.own.highest);
  }

  /** Follows others no more; what this process still commits is told all the same. */
  stopReading(): Promise<void> {
    return this.feed.stop();
  }

  /** Tells the last, and closes the line. */
  async close(): Promise<void> {
    await this.feed.stop();
    await this.wakeUps?.close();
  }

  private wake(position: number | undefined): void {
    if (position !== undefined && this.own.has(position)) return; // told by ourselves
    if (position !== undefined) this.isShared = true;
    this.feed.wake(position);
  }

  private async read(after: number): Promise<FeedPage<LogHead>> {
    const { store, writers } = this.parts;
    const end = await store.logEnd(writers());
    this.isShared = end.othersWrite;
    if (this.isShared) this.wakeUps?.announce(this.own.highest); // stored before that was known
    // A failover has lost what was read: the log grows anew from a lower position.
    if (end.position < after) return this.page([], end.position);
    const from = this.own.endOfRunAfter(after);
    if (end.position <= from) return this.page([], from);
    const heads = await store.readHeads({ after: from, limit: PAGE_SIZE });
    const upTo = heads.at(-1)?.position ?? from;
    const foreign = heads.filter((head) => !this.own.has(head.position));
    return this.page(foreign, upTo, heads.length === PAGE_SIZE);
  }

  private page(rows: readonly LogHead[], upTo: number, more = false): FeedPage<LogHead> {
    this.own.dropUpTo(upTo);
    return { rows, upTo, more };
  }
}

/** The last head of each stream. */
function newestOf(heads: readonly LogHead[]): LogHead[] {
  const newest = new Map(heads.map((head) => [streamKey(head.aggregate, head.id), head]));
  return [...newest.values()];
}
