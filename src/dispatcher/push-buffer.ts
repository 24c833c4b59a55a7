import type { StoredEvent } from '../messages/event.js';

/** A committed batch as its shard tells of it. */
export interface Push {
  /** Server on which it was committed. */
  readonly incarnation: string;
  /** As a reader of the log gets them, in any order. */
  readonly events: readonly StoredEvent[];
}

/** Bounds of what is held while a lower position is missing. */
export interface PushBounds {
  /** Default 10 000. */
  readonly maxEvents?: number;
  /** Bytes of data and metadata, about. Default 8 MiB. */
  readonly maxBytes?: number;
}

/** What was held, and from which server, before a read of the log began. */
export interface BeforeRead {
  readonly incarnation: string | undefined;
  readonly held: readonly number[];
}

const MAX_EVENTS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/*
 * Pushed batches until it is their turn:
 *
 *   mark            mark + 1 missing          pushed, waiting
 *    |.....................?..................[ 7 8 9 . . 12 ]
 *
 * An event is settled when every position below it is known: when those between it and the mark were
 * pushed as well, or the log was read across them. Positions of other processes, and those that were rolled
 * back, are never pushed. So only a run that begins right after the mark is given out.
 */

/** Holds pushed events until every lower position is known. */
export class PushBuffer {
  private readonly held = new Map<number, StoredEvent>();
  private bytes = 0;
  private incarnation: string | undefined;
  /** Another server pushes than before: what it says may only be taken once the log was read on it. */
  private isUnverified = false;

  constructor(private readonly bounds: PushBounds = {}) {}

  get isEmpty(): boolean {
    return this.held.size === 0;
  }

  /** What is known before a read of the log begins. */
  get beforeRead(): BeforeRead {
    return { incarnation: this.incarnation, held: [...this.held.keys()] };
  }

  has(position: number): boolean {
    return this.held.has(position);
  }

  /**
   * Takes what lies after a position. `overflow`: it was too much, and all was dropped. `other`: it comes
   * from another server than before; what was held was dropped, and nothing is given out until the log was
   * read. In both cases the log has to be read.
   */
  add({ incarnation, events }: Push, after: number): 'held' | 'overflow' | 'other' {
    const isOther = this.incarnation !== undefined && this.incarnation !== incarnation;
    if (isOther) {
      this.isUnverified = true;
      this.clear();
    }
    this.incarnation = incarnation;
    for (const event of events) {
      if (event.position <= after || this.held.has(event.position)) continue;
      this.held.set(event.position, event);
      this.bytes += sizeOf(event);
    }
    const { maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES } = this.bounds;
    if (this.held.size <= maxEvents && this.bytes <= maxBytes) return isOther ? 'other' : 'held';
    this.clear();
    return 'overflow';
  }

  /** Takes out the run of up to `limit` events that begins right after a position. */
  take(after: number, limit: number): StoredEvent[] {
    const run: StoredEvent[] = [];
    if (this.isUnverified) return run;
    for (let at = after + 1; run.length < limit; at++) {
      const event = this.held.get(at);
      if (!event) break;
      run.push(event);
      this.remove(event);
    }
    return run;
  }

  /** The log was read: everything at or below a position is known. */
  passed(position: number, before: BeforeRead): void {
    if (before.incarnation === this.incarnation) this.isUnverified = false;
    for (const event of this.held.values()) if (event.position <= position) this.remove(event);
  }

  /**
   * The log was read to its end. What was held before that read began, and is not there, is of another
   * history; true if there was any, and then all is dropped.
   */
  contradicts(end: number, { held }: BeforeRead): boolean {
    if (!held.some((position) => position > end && this.held.has(position))) return false;
    this.clear();
    return true;
  }

  clear(): void {
    this.held.clear();
    this.bytes = 0;
  }

  private remove(event: StoredEvent): void {
    this.held.delete(event.position);
    this.bytes -= sizeOf(event);
  }
}

function sizeOf({ data, metadata }: StoredEvent): number {
  return data.length + metadata.length;
}
