import type { StoredTimer } from '../store/timers.js';
import { TIMER_RESULTS } from '../telemetry/feed-metrics.js';
import { FEED_CELL, FeedTelemetry } from '../telemetry/feed-telemetry.js';

/** One attempt to fire a timer. */
export interface Firing {
  readonly timer: StoredTimer;
  /** From 1. */
  readonly attempt: number;
  /** When it was sent: Unix milliseconds, and on the clock of `performance.now`. */
  readonly sentAt: number;
  readonly since: number;
}

/** Counts how timers fire, and publishes it where somebody listens. */
export class TimerMeter {
  private telemetry = new FeedTelemetry();

  countIn(telemetry: FeedTelemetry): void {
    this.telemetry = telemetry;
  }

  /** A timer was sent, and this became of it. */
  tried({ timer, attempt, sentAt, since }: Firing, result: (typeof TIMER_RESULTS)[number]): void {
    const { figures } = this.telemetry;
    const { source, id, key, dueAt } = timer;
    const lateMs = Math.max(0, sentAt - dueAt);
    figures.add(FEED_CELL.timers + TIMER_RESULTS.indexOf(result));
    if (attempt === 1) figures.recordMs(FEED_CELL.timerLateness, lateMs);
    if (!this.telemetry.hears('timer')) return;
    this.telemetry.publish('timer', {
      ...{ source, id, key, result, attempt, dueAt, lateSeconds: lateMs / 1000 },
      durationSeconds: (performance.now() - since) / 1000,
    });
  }
}
