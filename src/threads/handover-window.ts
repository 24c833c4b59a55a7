/*
 * A thread may end and leave nobody to blame: a promise that nobody awaits was rejected, a timer threw.
 * The command that did it comes again with all others, and would end one thread after the other until
 * its deadline. So each such death narrows how many commands the next thread has at a time, until that
 * command is alone with it, and known. Answers widen it again, so that a chance death costs little.
 */

const NARROWING = 8;

/** How many commands a thread may have at a time. Unbounded until a death that nobody is blamed for. */
export class HandoverWindow {
  private width = Number.POSITIVE_INFINITY;

  /** How many more may be handed over to a thread that has `handed`. */
  room(handed: number): number {
    return Math.max(0, this.width - handed);
  }

  answered(): void {
    this.width += 1;
  }

  /** The thread ended with `handed` commands, and none is known to be at fault. */
  narrow(handed: number): void {
    this.width = Math.max(1, Math.floor(handed / NARROWING));
  }

  /** The command at fault was found. */
  open(): void {
    this.width = Number.POSITIVE_INFINITY;
  }
}
