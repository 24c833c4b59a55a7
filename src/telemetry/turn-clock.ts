/** Readings after which the clock is read anew within one turn. */
const READINGS = 64;

/**
 * Milliseconds, read once a turn of the microtask queue and again every 64 readings: reading the real
 * clock for each command would cost more than all that is counted for it.
 */
export class TurnClock {
  private at = 0;
  private left = 0;
  private scheduled = false;
  private readonly endTurn = (): void => {
    this.scheduled = false;
    this.left = 0;
  };

  now(): number {
    if (this.left === 0) this.read();
    this.left -= 1;
    return this.at;
  }

  private read(): void {
    this.at = performance.now();
    this.left = READINGS;
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(this.endTurn);
  }
}
