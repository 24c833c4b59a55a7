import type { Clock } from '../../src/internal/clock.js';

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  constructor(private ms = Date.UTC(2024, 1, 29, 12)) {}

  now(): number {
    return this.ms;
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}
