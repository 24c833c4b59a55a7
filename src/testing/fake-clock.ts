import type { Clock } from '../internal/clock.js';

const START = Date.UTC(2024, 1, 29, 12);

/**
 * A clock that stands still until it is moved. What a runtime does when time passes (deadlines, idle
 * actors) is done by the time `advance` returns; what it does then takes turns of the event loop.
 *
 * @example
 * const clock = new FakeClock('2024-02-29T12:00:00Z');
 * clock.advance(60_000);
 */
export class FakeClock implements Clock {
  private ms: number;
  private readonly listeners = new Set<() => void>();

  /** `start`: a date, Unix milliseconds or an ISO string. Default: 29 February 2024, noon UTC. */
  constructor(start: Date | number | string = START) {
    this.ms = new Date(start).getTime();
    if (Number.isNaN(this.ms))
      throw new RangeError(`FakeClock: expected a date to start at, got ${String(start)}`);
  }

  /** Unix milliseconds. */
  now(): number {
    return this.ms;
  }

  /** Moves time on by so many milliseconds. Throws a `RangeError` for what is not a length of time. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`FakeClock.advance: expected milliseconds from 0, got ${String(ms)}`);
    this.ms += ms;
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls `listener` after each move; returns what ends that. */
  onJump(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when time was moved on by so many milliseconds, in one move or several. */
  wait(ms: number): Promise<void> {
    const end = this.ms + ms;
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.onJump(() => {
        if (this.ms < end) return;
        stop();
        resolve();
      });
    });
  }
}
