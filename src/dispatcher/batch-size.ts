/*
 * How many events the next batch may have. After a failure it is the same batch again, then half of it, and
 * so on until the event at fault stands alone; past it, twice as many each time until all of the batch that
 * failed is behind. Events that ended the thread are handled one by one, with nobody beside them.
 */

const BATCH_EVENTS = 1000;
/** Of a consumer with effects event by event: what a crash repeats at most. */
const BATCH_EFFECTS = 100;

/** The size of batches around a failure. */
export class BatchSize {
  private narrow: { size: number; upTo: number; isHalved: boolean; isAlone: boolean } | undefined;

  private readonly most: number;

  /** `isEach`: each event has effects of its own. */
  constructor(isEach: boolean, most: number | undefined) {
    this.most = most ?? (isEach ? BATCH_EFFECTS : BATCH_EVENTS);
  }

  get next(): number {
    return this.narrow?.size ?? this.most;
  }

  /** Halving has begun: a batch of several that fails is halved at once. */
  get isNarrowed(): boolean {
    return this.narrow?.isHalved ?? false;
  }

  get isAlone(): boolean {
    return this.narrow?.isAlone ?? false;
  }

  /** Everything up to there may end the thread. */
  suspect(upTo: number): void {
    this.narrow = { size: 1, upTo, isHalved: true, isAlone: true };
  }

  /** A batch has failed and comes again, whole. */
  again(size: number, upTo: number): void {
    this.narrow = {
      size: Math.max(1, size),
      upTo: this.end(upTo),
      isHalved: this.isNarrowed,
      isAlone: this.isAlone,
    };
  }

  halve(size: number, upTo: number): void {
    this.narrow = {
      size: Math.ceil(size / 2),
      upTo: this.end(upTo),
      isHalved: true,
      isAlone: this.isAlone,
    };
  }

  /** Everything up to a position is behind. */
  passed(position: number): void {
    if (!this.narrow) return;
    if (position >= this.narrow.upTo) this.narrow = undefined;
    else if (!this.narrow.isAlone && this.narrow.isHalved)
      this.narrow.size = Math.min(this.most, this.narrow.size * 2);
  }

  private end(upTo: number): number {
    return Math.max(upTo, this.narrow?.upTo ?? 0);
  }
}
