import { type Deferred, deferred } from '../internal/deferred.js';

/** How long a shard may take to bring its gauges up to date. Far longer than one turn of a healthy one. */
const BOUND_MS = 250;

/** Asks a shard to bring its gauges up to date; those who ask meanwhile wait for the same answer. */
export class Measurement {
  private waiting: Deferred<boolean> | undefined;

  constructor(private readonly ask: () => void) {}

  /** True when the shard has answered, false if it has not after 250 ms. */
  async fresh(): Promise<boolean> {
    if (!this.waiting) {
      this.waiting = deferred();
      this.ask();
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), BOUND_MS);
    });
    try {
      return await Promise.race([this.waiting.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  done(): void {
    this.waiting?.resolve(true);
    this.waiting = undefined;
  }

  /** Whoever was asked is gone: the next one is asked anew. */
  forget(): void {
    this.waiting?.resolve(false);
    this.waiting = undefined;
  }
}
