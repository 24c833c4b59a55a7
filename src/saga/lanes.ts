/**
 * Runs work in lanes: what has the same lane one after the other, in order, different lanes side by side.
 * Waits for all of it, and then rejects with the first failure; in a lane nothing follows a failure.
 */
export class Lanes {
  private readonly ends = new Map<string, Promise<unknown>>();
  private readonly failures: unknown[] = [];

  run(lane: string, work: () => Promise<unknown>): void {
    const before = this.ends.get(lane);
    const end = before ? before.then(work) : work();
    // Heard by `done`; those behind it in its lane do not run.
    end.catch((error: unknown) => void this.failures.push(error));
    this.ends.set(lane, end);
  }

  async done(): Promise<void> {
    await Promise.allSettled(this.ends.values());
    if (this.failures.length > 0) throw this.failures[0];
  }
}
