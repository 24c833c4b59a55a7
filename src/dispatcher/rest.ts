/** Rests of one who works in turns: they end by themselves, by a poke, or for good. */
export class Rest {
  private wake: (() => void) | undefined;
  private isPoked = false;
  private isOver = false;

  /** Ends the rest that is under way, or else the next one at once. */
  poke(): void {
    if (this.wake) this.wake();
    else this.isPoked = true;
  }

  /** No rest lasts any more. */
  end(): void {
    this.isOver = true;
    this.wake?.();
  }

  /**
   * Rests for a time, in milliseconds, or until what it listens to calls it.
   *
   * @param listen is given what ends the rest, and returns what ends the listening
   */
  async pause(ms: number, listen?: (end: () => void) => () => void): Promise<void> {
    const isShort = this.isOver || this.isPoked;
    this.isPoked = false;
    if (isShort) return;
    await new Promise<void>((resolve) => {
      let leave: (() => void) | undefined;
      const end = (): void => {
        clearTimeout(timer);
        this.wake = undefined;
        leave?.();
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.wake = end;
      leave = listen?.(end);
    });
  }
}
