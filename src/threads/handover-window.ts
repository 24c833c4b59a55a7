/*
 * A thread may end and leave nobody to blame: a promise that nobody awaits was rejected, a timer threw.
 * The command that did it is sent again with all others, and would end one thread after the other until
 * its deadline. So each such death narrows how many commands the next thread has at a time, until the
 * one at fault is alone with it, and known.
 */

const NARROWING = 8;

/** How many commands a thread may have at a time. Unbounded until it is narrowed. */
export class HandoverWindow {
  private width = Number.POSITIVE_INFINITY;

  get isNarrow(): boolean {
    return this.width < Number.POSITIVE_INFINITY;
  }

  /** How many more may be handed over to a thread that has `handed`. */
  room(handed: number): number {
    return Math.max(0, this.width - handed);
  }

  /** A thread ended with `handed` commands, and it is not known which of them is at fault. */
  narrow(handed: number): void {
    this.width = Math.max(1, Math.floor(handed / NARROWING));
  }

  /** None of them is left. */
  open(): void {
    this.width = Number.POSITIVE_INFINITY;
  }
}
