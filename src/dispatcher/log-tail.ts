import type { StoredEvent } from '../messages/event.js';
import type { Store } from '../store/store.js';
import type { Batch, Checkpoint } from '../store/subscriptions.js';
import { type FeedPage, type FeedState, LogFeed, POLL_MS } from './log-feed.js';
import { type Push, type PushBounds, PushBuffer } from './push-buffer.js';

/*
 * The end of the log in memory, read once for all who follow it:
 *
 *   log ....................[ oldest ............ newest ]   <- one reader, in order, never past a hole
 *          who is behind ^     ^ who keeps up
 *          reads the log        is served from here
 *
 * It is bounded: what is too much is forgotten at its old end, and who was there reads the log again.
 * Everything at or below its end is settled, whether it is still held or not.
 *
 * Its new end grows by what the shards push, as long as no position is missing. The log is read
 *   - to catch up, until it has been read to its end,
 *   - when a position stays missing for a few milliseconds: another process's, or one rolled back,
 *   - when somebody says that there is more than was pushed, or that a push was lost,
 *   - at the poll interval in any case: a push that is lost at the very end leaves no hole to be seen.
 */

/** What the tail reads. */
export type TailStore = Pick<Store, 'readAll' | 'readHeads' | 'settledEnd'>;

/** What the tail is made of. */
export interface TailParts {
  readonly store: TailStore;
  /** Told when the log cannot be read, and when it can be again. */
  changed?(state: FeedState, cause: Error | undefined): void;
  /** Position up to which all who follow have read. Default: nobody says so. */
  needed?(): number;
  /** Events held at most. Default 20 000. */
  readonly maxEvents?: number;
  /** Bytes of data and metadata held at most, about. Default 16 MiB. */
  readonly maxBytes?: number;
  /** How often the log is read in any case. Milliseconds. Default 500. */
  readonly pollMs?: number;
  /** Of what was pushed and waits for a lower position. */
  readonly pushBounds?: PushBounds;
}

/** Who hears of the end of the log. */
export interface TailListener {
  /** These came to it, and it ends there. */
  grown(rows: readonly StoredEvent[], upTo: Checkpoint): void;
  /** It is another log than before, or followed no longer. */
  reset(): void;
}

const PAGE_SIZE = 1000;
/** Two seconds of a busy log: who reads it again because it is behind falls behind further. */
const MAX_EVENTS = 20_000;
const MAX_BYTES = 16 * 1024 * 1024;
const LOOK_EVENTS = 500;
/** What stays when it is too much. */
const KEPT = 0.8;
/** Shortest time between two reads: wake-ups of a busy log are answered together. */
const REST_MS = 2;
/** So long a missing position may be a commit of another shard whose push is on its way. */
const HOLE_MS = 5;

export class LogTail {
  private readonly feed: LogFeed<StoredEvent>;
  private held: StoredEvent[] = [];
  private bytes = 0;
  /** Everything after this position, up to the end, is held. */
  private start = 0;
  private last: Checkpoint | undefined;
  /** As soon as it holds so many, it looks what nobody needs. */
  private lookAt = LOOK_EVENTS;
  private readonly listeners = new Set<TailListener>();
  private readonly pushed: PushBuffer;
  /** The log has to be read, whatever was pushed. */
  private isWanted = true;
  /** The position after which one is missing, while that is waited for. */
  private holeAfter: number | undefined;
  private holeTimer: NodeJS.Timeout | undefined;
  private readonly polls: NodeJS.Timeout;
  /** Times that a push was dropped, here or by its shard, because this thread did not keep up. */
  fallbacks = 0;
  /** Events that were forgotten because there were too many. */
  forgotten = 0;
  /** Grows when the log turned out to be another than the one that was read. */
  histories = 0;

  constructor(private readonly parts: TailParts) {
    const { changed, pollMs = POLL_MS } = parts;
    this.pushed = new PushBuffer(parts.pushBounds);
    this.feed = new LogFeed({
      source: { start: () => this.begin(), read: (after) => this.read(after) },
      handle: (rows) => this.add(rows),
      ...{ restMs: REST_MS, pollMs },
      ...(changed && { changed }),
    });
    this.feed.start();
    this.polls = setInterval(() => this.want(), pollMs);
  }

  /** The end of what is known and settled; `undefined` until it was read for the first time. */
  get end(): Checkpoint | undefined {
    return this.last;
  }

  /** Says that the log may have grown: to a position, or nobody knows how far. */
  wake(position?: number): void {
    if (position !== undefined && this.knows(position)) return;
    this.want();
  }

  /** Takes what a shard has committed. */
  push(push: Push): void {
    const result = this.pushed.add(push, this.last?.position ?? 0);
    if (result === 'overflow') return this.fellBehind();
    if (result === 'other') return this.want();
    this.feed.wakeAtOnce();
  }

  /** A push was dropped because this thread did not keep up. */
  fellBehind(): void {
    this.fallbacks += 1;
    this.want();
  }

  /** What is held after a position: up to `limit` wanted events. `undefined` if it is not all held. */
  after(
    position: number,
    limit: number,
    matches: (event: StoredEvent) => boolean,
  ): Batch | undefined {
    if (!this.last || position < this.start) return undefined;
    const events: StoredEvent[] = [];
    for (let i = this.indexAfter(position); i < this.held.length; i++) {
      const event = this.held[i] as StoredEvent;
      if (!matches(event)) continue;
      events.push(event);
      if (events.length === limit) return { events, upTo: placeOf(event) };
    }
    return { events, upTo: this.last };
  }

  /** Tells of what it grows by, until what is returned is called. */
  listen(listener: TailListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async stop(): Promise<void> {
    clearInterval(this.polls);
    this.endHole();
    await this.feed.stop();
    for (const { reset } of [...this.listeners]) reset();
  }

  private async begin(): Promise<number> {
    this.isWanted = true;
    this.pushed.clear();
    const end = await this.parts.store.settledEnd();
    const [head] = end > 0 ? await this.parts.store.readHeads({ after: end - 1, limit: 1 }) : [];
    this.reset(head?.position === end ? placeOf(head) : { position: 0, commandId: '' });
    return this.last?.position ?? 0;
  }

  private read(after: number): FeedPage<StoredEvent> | Promise<FeedPage<StoredEvent>> {
    const rows = this.pushed.take(after, PAGE_SIZE);
    const last = rows.at(-1);
    if (last) {
      this.endHole();
      return { rows, upTo: last.position, more: true };
    }
    if (this.isWanted) return this.readLog(after);
    if (!this.pushed.isEmpty) this.awaitHole(after);
    return { rows, upTo: after, more: false };
  }

  private async readLog(after: number): Promise<FeedPage<StoredEvent>> {
    this.endHole();
    this.isWanted = false; // who wants it from now on may know more than this read finds
    const before = this.pushed.beforeRead;
    try {
      const page = await this.readPage(after);
      this.pushed.passed(page.upTo, before);
      if (page.more || this.pushed.contradicts(page.upTo, before)) this.isWanted = true;
      return { ...page, more: this.isWanted || !this.pushed.isEmpty };
    } catch (error) {
      this.isWanted = true;
      throw error;
    }
  }

  private async readPage(after: number): Promise<FeedPage<StoredEvent>> {
    // Reads its last event again: if another stands there, the log was set back and goes on otherwise.
    const last = this.last as Checkpoint;
    const page = await this.parts.store.readAll({
      after: Math.max(0, after - 1),
      limit: PAGE_SIZE + 1,
    });
    const rows = after > 0 ? page.slice(1) : page;
    const first = page[0];
    if (after > 0 && (first?.position !== after || first.commandId !== last.commandId))
      return { rows: [], upTo: await this.begin(), more: true };
    return { rows, upTo: rows.at(-1)?.position ?? after, more: rows.length >= PAGE_SIZE };
  }

  /** Reads the log if the position after this one stays missing. */
  private awaitHole(after: number): void {
    if (this.holeAfter === after) return;
    this.endHole();
    this.holeAfter = after;
    this.holeTimer = setTimeout(() => this.want(), HOLE_MS);
  }

  private endHole(): void {
    this.holeAfter = undefined;
    clearTimeout(this.holeTimer);
  }

  private want(): void {
    this.isWanted = true;
    this.feed.wake();
  }

  private knows(position: number): boolean {
    return position <= (this.last?.position ?? -1) || this.pushed.has(position);
  }

  private add(rows: readonly StoredEvent[]): void {
    for (const row of rows) {
      this.held.push(row);
      this.bytes += sizeOf(row);
    }
    this.last = placeOf(rows.at(-1) as StoredEvent);
    this.trim();
    for (const { grown } of [...this.listeners]) grown(rows, this.last);
  }

  private trim(): void {
    if (this.held.length >= this.lookAt) this.release();
    const { maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES } = this.parts;
    if (this.held.length <= maxEvents && this.bytes <= maxBytes) return;
    // More than is too much at once: what stays is moved for it.
    let count = Math.max(0, this.held.length - Math.ceil(maxEvents * KEPT));
    let bytes = 0;
    for (let i = 0; i < this.held.length; i++) {
      if (i >= count && this.bytes - bytes <= maxBytes * KEPT) break;
      bytes += sizeOf(this.held[i] as StoredEvent);
      count = Math.max(count, i + 1);
    }
    this.forgotten += count;
    this.drop(count);
  }

  /** Lets go what all who follow have passed, so that it dies young; once it is the larger part. */
  private release(): void {
    const { needed } = this.parts;
    const passed = needed ? this.indexAfter(needed()) : 0;
    if (passed * 2 >= this.held.length) this.drop(passed);
    this.lookAt = Math.max(LOOK_EVENTS, this.held.length * 2);
  }

  private drop(count: number): void {
    if (count === 0) return;
    for (let i = 0; i < count; i++) this.bytes -= sizeOf(this.held[i] as StoredEvent);
    this.start = (this.held[count - 1] as StoredEvent).position;
    this.held.splice(0, count);
  }

  private reset(at: Checkpoint): void {
    this.histories += 1;
    this.held = [];
    this.bytes = 0;
    this.start = at.position;
    this.last = at;
    for (const { reset } of [...this.listeners]) reset();
  }

  /** Index of the first event held after a position. */
  private indexAfter(position: number): number {
    let low = 0;
    let high = this.held.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.held[middle] as StoredEvent).position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeOf({ position, commandId }: Checkpoint): Checkpoint {
  return { position, commandId };
}

function sizeOf({ data, metadata }: StoredEvent): number {
  return data.length + metadata.length;
}
