/**
 * Bounds what is under way at once: who finds no place free waits for one, first come first served.
 */
export class InFlight {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Takes a place: at once, and then there is nothing to await, or when the promise resolves. */
  enter(): Promise<void> | undefined {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free--;
    return undefined;
  }

  /** Gives a place back, to the one that waits longest if there is one. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
