import { LOG_LEVELS, type LogLevel, SILENT } from './log.js';
import type { Interest } from './records.js';

/** Records under way to the host; more are dropped. */
const MAX_UNHEARD = 10_000;

/** What a thread sends to the host for its channels and its logger: together once a turn, and not without bound. */
export class RecordOutbox<Item> {
  private interest: Interest = { channels: 0, level: SILENT };
  private waiting: Item[] = [];
  private unheard = 0;

  constructor(private readonly post: (records: readonly Item[]) => void) {}

  /** The host tells what it wants to hear from now on. */
  listen(interest: Interest): void {
    this.interest = interest;
  }

  /** The host has taken this many records. */
  heard(count: number): void {
    this.unheard -= count;
  }

  /** The channels that the host has subscribers of, as bits. */
  get channels(): number {
    return this.interest.channels;
  }

  logs(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.interest.level;
  }

  /** False if it was dropped, because the host does not keep up. */
  send(record: Item): boolean {
    if (this.unheard >= MAX_UNHEARD) return false;
    this.unheard += 1;
    this.waiting.push(record);
    if (this.waiting.length === 1) setImmediate(() => this.flush());
    return true;
  }

  /** Sends what waits. */
  flush(): void {
    if (this.waiting.length === 0) return;
    const records = this.waiting;
    this.waiting = [];
    this.post(records);
  }
}
