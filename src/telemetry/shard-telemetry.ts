import { namesChannel, type ShardChannel, type ShardRecords, shardChannels } from './channels.js';
import { CELL, Figures } from './figures.js';
import type { LogLevel } from './log.js';
import { RecordOutbox } from './record-outbox.js';
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

/**
 * What one shard counts, publishes and logs. Figures are always counted; records for channels and logger
 * are built only while somebody listens: ask `hears` or `logs` before making one.
 */
export class ShardTelemetry {
  readonly figures: Figures;
  readonly clock = new TurnClock();
  readonly shard: number;
  private readonly outbox: RecordOutbox<TelemetryRecord>;
  private decisions = 0;

  constructor(private readonly parts: ShardTelemetryParts) {
    this.figures = new Figures(parts.memory);
    this.shard = parts.shard;
    this.outbox = new RecordOutbox(parts.send);
  }

  /** The host tells what it wants to hear from now on. */
  listen(interest: Interest): void {
    this.outbox.listen(interest);
  }

  /** The host has taken this many records. */
  heard(count: number): void {
    this.outbox.heard(count);
  }

  hears(name: ShardChannel): boolean {
    return shardChannels[name].hasSubscribers || this.isForwarded(name);
  }

  publish<Name extends ShardChannel>(name: Name, record: ShardRecords[Name]): void {
    shardChannels[name].publish(record);
    if (this.isForwarded(name)) this.send({ channel: name, record });
  }

  logs(level: LogLevel): boolean {
    return this.outbox.logs(level);
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
    return this.parts.isRemote && namesChannel(this.outbox.channels, name);
  }

  private send(record: TelemetryRecord): void {
    if (!this.outbox.send(record)) this.figures.add(CELL.dropped);
  }

  /** Sends what waits. */
  flush(): void {
    this.outbox.flush();
  }
}
