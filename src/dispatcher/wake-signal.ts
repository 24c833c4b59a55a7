/** Wakes those who wait for the log to grow. A hint: they read the log, woken or not. */
export class WakeSignal {
  private readonly waiting = new Set<() => void>();
  private isEnded = false;

  wake(): void {
    for (const end of [...this.waiting]) end();
  }

  /** Nothing will be read any more. */
  get isOver(): boolean {
    return this.isEnded;
  }

  /** Nobody waits any more. */
  end(): void {
    this.isEnded = true;
    this.wake();
  }

  /** Resolves with the next wake-up, or after a time; false when there will be none any more. */
  async next(ms: number): Promise<boolean> {
    if (this.isEnded) return false;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.waiting.add(end);
    });
    return !this.isEnded;
  }
}
