import type { Clock } from '../internal/clock.js';

/**
 * Longest sleep in one piece: the clock is then looked at again, since it may have been set meanwhile,
 * which a timer of Node does not hear of; and beyond 2^31 ms such a timer would end at once.
 */
const LONGEST_SLEEP_MS = 10_000;

/** Wakes once the clock has reached a time, or may have: whoever is woken looks at the clock. Keeps no process open. */
export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private readonly endOfJumps: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {
    this.endOfJumps = clock.onJump?.(wake);
  }

  /** Sets it anew. Unix milliseconds; undefined: it does not wake. */
  set(at: number | undefined): void {
    clearTimeout(this.timer);
    if (at === undefined) return;
    const ms = at - this.clock.now();
    // A clock that is moved by hand tells when it was.
    if (ms > 0 && this.endOfJumps) return;
    this.timer = setTimeout(this.wake, Math.min(Math.max(0, ms), LONGEST_SLEEP_MS)).unref();
  }

  end(): void {
    clearTimeout(this.timer);
    this.endOfJumps?.();
  }
}
