import type { Operations, Quarantine } from '../store/operations.js';
import type { InspectedShard } from './inspected-shard.js';

/** How often the log is asked whether another process has changed what is quarantined. */
const POLL_MS = 1000;

/**
 * Knows which streams are quarantined, and tells the shards of this process: its own changes at once,
 * those of others within a second or two. What is known stays so while the database cannot be reached.
 */
export class QuarantineWatch {
  private known: readonly Quarantine[] = [];
  private mark = -1;
  private timer: NodeJS.Timeout | undefined;
  /** What each shard was told last, by mark and start of its thread. */
  private readonly told = new WeakMap<InspectedShard, string>();

  constructor(
    private readonly operations: Operations,
    private readonly shards: () => readonly InspectedShard[],
  ) {}

  /** All that are quarantined, as it was last read. */
  get streams(): readonly Quarantine[] {
    return this.known;
  }

  /** Reads them before the first shard is started, and from then on. */
  async start(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => void this.poll(), POLL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Reads them anew and tells all shards; resolves with those that did not answer. */
  async refresh(): Promise<readonly number[]> {
    await this.read();
    return this.tell();
  }

  private async read(): Promise<void> {
    const { mark, streams } = await this.operations.quarantines();
    // An answer that was overtaken by a later one tells nothing new.
    if (mark < this.mark) return;
    this.mark = mark;
    this.known = streams;
  }

  /** One that is silent, or is just being started, is told again with the next poll. */
  private async tell(): Promise<readonly number[]> {
    const silent = await Promise.all(
      this.shards().map(async (shard) => {
        const news = `${this.mark}/${shard.restarts}`;
        if (this.told.get(shard) === news) return [];
        const { kind } = await shard.questions.ask({ kind: 'quarantine', streams: this.known });
        if (kind === 'silent') return [shard.index];
        this.told.set(shard, news);
        return [];
      }),
    );
    return silent.flat();
  }

  private async poll(): Promise<void> {
    try {
      if ((await this.operations.quarantineMark()) !== this.mark) await this.read();
    } catch {
      // The database is away; the shards are told what is known.
    }
    await this.tell();
  }
}
