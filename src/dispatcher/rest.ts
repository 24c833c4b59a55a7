/** Rests of one who works in turns: they end by themselves, by a poke, or for good. */
export class Rest {
  private current = new AbortController();
  private isPoked = false;
  private isOver = false;

  /** Ends the rest that is under way, or else the next one at once. */
  poke(): void {
    this.isPoked = true;
    this.current.abort();
  }

  /** No rest lasts any more. */
  end(): void {
    this.isOver = true;
    this.current.abort();
  }

  /** Begins a rest, which is over when the signal says so. */
  begin(): AbortSignal {
    this.current = new AbortController();
    if (this.isOver || this.isPoked) this.current.abort();
    this.isPoked = false;
    return this.current.signal;
  }

  /** Rests for a time. */
  async pause(ms: number): Promise<void> {
    const signal = this.begin();
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
