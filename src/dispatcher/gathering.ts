/*
 * What reads the log into tables costs the commands twice: each batch is a transaction, whatever it holds,
 * and commands want the same cores. So batches are let grow while the log is busy, and then the readers of
 * a thread go one after the other instead of all at once:
 *
 *   quiet   ▏e ▏▏▏   e ▏▏▏        each batch at once
 *   busy    ▏ eeeeee ▏A▏B▏C▏ eeeeee ▏A▏B▏C▏
 *
 * Consumers with effects outside of the database take no part: what they do is waited for.
 */

/** Rest after a live batch, for each of its events. It feeds on itself from 10 events in a millisecond on. */
const GATHERING_MS = 0.1;
const MOST_GATHERING_MS = 50;
/** From this rest on the log is busy. */
const BUSY_MS = 25;

/**
 * How long the next live batch is let grow after one of so many events. What happens now and then does not
 * wait.
 */
export function gatheringMs(events: number): number {
  return Math.min(MOST_GATHERING_MS, events * GATHERING_MS);
}

/** Whether a rest is that of a busy log. */
export function isBusy(restMs: number): boolean {
  return restMs >= BUSY_MS;
}

/** So long a turn keeps the next one waiting at most: one that is stuck must not hold up all others. */
const PATIENCE_MS = 100;

/** Lets one after the other work, in the order in which they come. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Runs `work` when the turn before is over, or has lasted too long. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.last;
    let end!: () => void;
    this.last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    const patience = setTimeout(end, PATIENCE_MS);
    try {
      return await work();
    } finally {
      clearTimeout(patience);
      end();
    }
  }
}

/** How one reader goes on: at once, or with rests and in turns with the others. */
export class Pace {
  private restMs = 0;

  /** `isGathered`: its batches may be let grow; `leastMs`: for how long then at least. */
  constructor(
    private readonly turns: Turns,
    private readonly how: { readonly isGathered: boolean; readonly leastMs: number },
  ) {}

  /** Runs what takes a batch. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return isBusy(this.restMs) ? this.turns.take(work) : work();
  }

  /** How long to rest after a batch of so many events; behind a full one more is waiting. Milliseconds. */
  after(events: number, { isLive, isFull }: { isLive: boolean; isFull: boolean }): number {
    const { isGathered, leastMs } = this.how;
    this.restMs = isLive && isGathered ? gatheringMs(events) : 0;
    if (isFull || this.restMs === 0) return 0;
    return Math.max(leastMs, this.restMs);
  }
}
