import { shardChannels, subscribedChannels } from './channels.js';
import { CELL, createFigures, Figures } from './figures.js';
import { type Logger, type LogLevel, wantedLevel, writeLog } from './log.js';
import { OUTCOMES, REFUSALS } from './metrics.js';
import type { Interest, TelemetryRecord } from './records.js';
import { TurnClock } from './turn-clock.js';

/** An answer as far as it is counted. */
interface CountedReply {
  readonly kind: (typeof OUTCOMES)[number];
  readonly code?: string;
}

/** What a shard is told of its listeners. */
interface News {
  readonly listen?: Interest;
  readonly heard?: number;
}

const MAILBOX = 0;
const SHARD = 1;
const NO_NEWS: News = {};
const UNTOLD: Interest = { channels: -1, level: -1 };

/** What the host counts of one shard and hears from it, across the starts of its thread. */
export class HostTelemetry {
  /** Figures of the shard: those that the host writes and those that the thread writes. */
  readonly memory = createFigures();
  private readonly figures = new Figures(this.memory);
  private readonly clock = new TurnClock();
  private told: Interest = UNTOLD;
  /** Records taken since the shard was told. */
  private heard = 0;

  constructor(
    private readonly shard: number,
    private readonly logger: Logger | undefined,
  ) {}

  /** Milliseconds, for `settled`. */
  now(): number {
    return this.clock.now();
  }

  /** A call that was sent at `sentAt` has its answer. */
  settled(sentAt: number, reply: CountedReply): void {
    this.figures.add(CELL.commands + OUTCOMES.indexOf(reply.kind));
    this.figures.recordMs(CELL.commandDuration, this.clock.now() - sentAt);
    if (reply.kind !== 'refused') return;
    this.refused(reply.code);
    if (reply.code === 'Overloaded') this.figures.add(CELL.overloads + MAILBOX);
  }

  /** A call was refused because the shard's bounds are reached. */
  overloaded(): void {
    this.figures.add(CELL.commands + OUTCOMES.indexOf('refused'));
    this.refused('Overloaded');
    this.figures.add(CELL.overloads + SHARD);
  }

  restarted(): void {
    this.figures.add(CELL.restarts);
  }

  inFlight(calls: number): void {
    this.figures.set(CELL.commandsInFlight, calls);
  }

  /** Whether the shard has to be told something. */
  get hasNews(): boolean {
    const { channels, level } = this.told;
    return (
      this.heard > 0 || subscribedChannels() !== channels || wantedLevel(this.logger) !== level
    );
  }

  /** What the shard has to be told: who listens, if that has changed, and how many records were taken. */
  news(): News {
    if (!this.hasNews) return NO_NEWS;
    const { heard } = this;
    this.heard = 0;
    this.told = { channels: subscribedChannels(), level: wantedLevel(this.logger) };
    return { listen: this.told, heard };
  }

  /** A new thread knows nothing. */
  forget(): void {
    this.told = UNTOLD;
    this.heard = 0;
  }

  take(records: readonly TelemetryRecord[]): void {
    this.heard += records.length;
    for (const record of records) {
      if ('log' in record) writeLog(this.logger, record.log);
      else shardChannels[record.channel].publish(record.record);
    }
  }

  log(level: LogLevel, fields: object, message: string): void {
    writeLog(this.logger, { level, fields: { shard: this.shard, ...fields }, message });
  }

  private refused(code = 'other'): void {
    const known = (REFUSALS as readonly string[]).indexOf(code);
    this.figures.add(CELL.refusals + (known === -1 ? REFUSALS.indexOf('other') : known));
  }
}
