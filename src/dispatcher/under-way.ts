import type { StoredEvent } from '../messages/event.js';
import type { Checkpoint } from '../store/subscriptions.js';

/*
 * Events that are handled each on its own way, and may be finished in any order:
 *
 *   root            oldest                                newest
 *    |...finished....[x]..finished..[x][x]...finished........|
 *   done                                              read up to here
 *
 * Only what is not finished is kept; each knows up to where all behind it is. So a checkpoint at `done` is
 * never ahead of an event that is not finished, however long that one takes.
 */

/** Why an event cannot be handled, after all attempts. */
export interface GivenUp {
  readonly attempts: number;
  readonly error: unknown;
}

/** An event that is not finished. */
export interface Entry {
  readonly event: StoredEvent;
  /** When it was begun; as `performance.now()`. */
  readonly since: number;
  /** What is left to be done for it. */
  left: number;
  givenUp: GivenUp | undefined;
}

interface Link {
  before: Link;
  after: Link;
  /** All behind this one, and before the next, is finished up to there. */
  upTo: Checkpoint;
}

type LinkedEntry = Entry & Link;

/** The unfinished events of a subscription, in the order of the log. */
export class UnderWay {
  private readonly root: Link;
  private count = 0;
  private held = 0;

  constructor(start: Checkpoint) {
    const root = { upTo: start } as Link;
    root.before = root;
    root.after = root;
    this.root = root;
  }

  get size(): number {
    return this.count;
  }

  /** Bytes of their data and metadata, about. */
  get bytes(): number {
    return this.held;
  }

  /** Everything up to there is finished, and nothing behind it for sure. */
  get done(): Checkpoint {
    return this.root.upTo;
  }

  get oldest(): Entry | undefined {
    return this.entryAt(this.root.after);
  }

  get newest(): Entry | undefined {
    return this.entryAt(this.root.before);
  }

  /** Takes the next event of the log. */
  begin(event: StoredEvent): Entry {
    const { position, commandId } = event;
    const before = this.root.before;
    const upTo = { position, commandId };
    const entry: LinkedEntry = {
      event,
      since: performance.now(),
      left: 1,
      givenUp: undefined,
      before,
      after: this.root,
      upTo,
    };
    before.after = entry;
    this.root.before = entry;
    this.count += 1;
    this.held += sizeOf(event);
    return entry;
  }

  /** Nobody wants what lies between the newest one and there. */
  pass(upTo: Checkpoint): void {
    this.root.before.upTo = upTo;
  }

  finish(entry: Entry): void {
    const { before, after, upTo } = entry as LinkedEntry;
    before.upTo = upTo;
    before.after = after;
    after.before = before;
    this.count -= 1;
    this.held -= sizeOf(entry.event);
  }

  private entryAt(link: Link): Entry | undefined {
    return link === this.root ? undefined : (link as LinkedEntry);
  }
}

function sizeOf({ data, metadata }: StoredEvent): number {
  return data.length + metadata.length;
}
