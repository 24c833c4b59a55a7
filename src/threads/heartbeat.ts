/** Time between two looks at a heartbeat. Milliseconds. */
export const LOOK_EVERY_MS = 250;
/** A look that comes so late says that the thread that looks did not run itself. */
const LATE_MS = 2 * LOOK_EVERY_MS;

/**
 * Judges a thread by a counter that it raises while it runs, in looks of a thread that may have stood still
 * itself: under SIGSTOP, in a sleeping machine, on a busy one. A late look counts neither for nor against it.
 */
export class HeartbeatJudge {
  private heartbeat: number | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private silentMs = 0;

  /** Takes a look, and returns how long the heart was seen to stand still, in milliseconds. */
  look(heartbeat: number, now = performance.now()): number {
    const isLate = now - this.lookedAt > LATE_MS;
    if (heartbeat !== this.heartbeat) this.silentMs = 0;
    else if (!isLate) this.silentMs += LOOK_EVERY_MS;
    this.heartbeat = heartbeat;
    this.lookedAt = now;
    return this.silentMs;
  }
}
