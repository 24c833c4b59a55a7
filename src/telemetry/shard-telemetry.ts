import { namesChannel, type ShardChannel, type ShardRecords, shardChannels } from './channels.js';
import { CELL, Figures } from './figures.js';
import { LOG_LEVELS, type LogLevel, SILENT } from './log.js';
import type { Interest, TelemetryRecord } from './records.js';
import { TurnClock } from './turn-clock.js';

/** Where a shard's telemetry goes. */
export interface ShardTelemetryParts {
  readonly shard: number;
  readonly memory: SharedArrayBuffer;
  /** The host is another isolate: its subscribers do not hear what is published here. */
  readonly isRemote: boolean;
  send(records: readonly TelemetryRecord[]): void;
}

/** One synchronous decision in this many is measured. */
const DECIDE_SAMPLE = 64;
/** Records under way to the host; more are dropped and counted. */
const MAX_UNHEARD = 10_000;

/**
 * What one shard counts, publishes and logs. Figures are always counted; records for channels and logger
 * are built only while somebody listens: ask `hears` or `logs` before making one.
 */
export class ShardTelemetry {
  readonly figures: Figures;
  readonly clock = new TurnClock();
  readonly shard: number;
  private interest: Interest = { channels: 0, level: SILENT };
  private outbox: TelemetryRecord[] = [];
  private unheard = 0;
  private decisions = 0;

  constructor(private readonly parts: ShardTelemetryParts) {
    this.figures = new Figures(parts.memory);
    this.shard = parts.shard;
  }

  /** The host tells what it wants to hear from now on. */
  listen(interest: Interest): void {
    this.interest = interest;
  }

  /** The host has taken this many records. */
  heard(count: number): void {
    this.unheard -= count;
  }

  hears(name: ShardChannel): boolean {
    return shardChannels[name].hasSubscribers || this.isForwarded(name);
  }

  publish<Name extends ShardChannel>(name: Name, record: ShardRecords[Name]): void {
    shardChannels[name].publish(record);
    if (this.isForwarded(name)) this.send({ channel: name, record });
  }

  logs(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.interest.level;
  }

  log(level: LogLevel, fields: object, message: string): void {
    if (this.logs(level))
      this.send({ log: { level, message, fields: { shard: this.shard, ...fields } } });
  }

  /** A command that came at `receivedAt` is decided now. */
  waited(receivedAt: number): void {
    this.figures.recordMs(CELL.queueWait, this.clock.now() - receivedAt);
  }

  /** Runs one decision; one in 64 is measured. */
  decided<T>(decide: () => T): T {
    const start = performance.now();
    try {
      return decide();
    } finally {
      this.figures.recordMs(CELL.decideDuration, performance.now() - start);
    }
  }

  /** Whether the next decision is to be measured. */
  get isSample(): boolean {
    this.decisions = (this.decisions + 1) % DECIDE_SAMPLE;
    return this.decisions === 0;
  }

  private isForwarded(name: ShardChannel): boolean {
    return this.parts.isRemote && namesChannel(this.interest.channels, name);
  }

  private send(record: TelemetryRecord): void {
    if (this.unheard >= MAX_UNHEARD) return this.figures.add(CELL.dropped);
    this.unheard += 1;
    this.outbox.push(record);
    if (this.outbox.length === 1) setImmediate(() => this.flush());
  }

  /** Sends what waits. */
  flush(): void {
    if (this.outbox.length === 0) return;
    const records = this.outbox;
    this.outbox = [];
    this.parts.send(records);
  }
}
