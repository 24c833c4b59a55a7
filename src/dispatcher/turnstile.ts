/**
 * Lets many in together, or one alone: what may end the thread is run with nobody beside it, so that its
 * end tells who it was. Who waits to be alone goes before those who come later.
 */
export class Turnstile {
  private inside = 0;
  private isTaken = false;
  private readonly waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** Runs `work` together with others, or alone. */
  async pass<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || !this.isOpenFor(alone))
      await new Promise<void>((enter) => this.waiting.push({ alone, enter }));
    else this.enter(alone);
    try {
      return await work();
    } finally {
      this.inside -= 1;
      this.isTaken = false;
      this.admit();
    }
  }

  private isOpenFor(alone: boolean): boolean {
    return !this.isTaken && (!alone || this.inside === 0);
  }

  private enter(alone: boolean): void {
    this.inside += 1;
    this.isTaken = alone;
  }

  private admit(): void {
    for (let next = this.waiting[0]; next && this.isOpenFor(next.alone); next = this.waiting[0]) {
      this.waiting.shift();
      this.enter(next.alone);
      next.enter();
    }
  }
}
