import { type GapReader, settlePage, untilSettled } from '../../../src/postgres/gap.js';
import type { LogHead, PageRequest, StoredEvent } from '../../../src/store/store.js';
import { eventRow } from '../../contract/batches.js';

/** A transaction that has drawn positions and has not ended. */
export interface OpenTransaction {
  readonly name: string;
  readonly positions: number[];
}

/**
 * A log with transactions that draw positions and commit or roll back later, as Postgres has it; reads take
 * their time and follow the gap rule. Its clock is that of the timers.
 */
export class PlayedLog {
  incarnation = 'server/1';
  reads = 0;
  /** So many reads fail. */
  failures = 0;
  private next = 1;
  private transactions = 0;
  private readonly open = new Set<OpenTransaction>();
  private readonly committed = new Map<number, StoredEvent>();

  constructor(private readonly readMs: () => number = () => 1) {}

  get events(): StoredEvent[] {
    return [...this.committed.values()].sort((a, b) => a.position - b.position);
  }

  get positions(): number[] {
    return this.events.map((event) => event.position);
  }

  begin(): OpenTransaction {
    this.transactions += 1;
    const transaction = { name: String(this.transactions), positions: [] };
    this.open.add(transaction);
    return transaction;
  }

  draw(transaction: OpenTransaction): number {
    transaction.positions.push(this.next);
    return this.next++;
  }

  /** The events that are in the log from now on. */
  commit(transaction: OpenTransaction): StoredEvent[] {
    if (!this.open.delete(transaction)) return [];
    const events = transaction.positions.map((position) => this.eventAt(position));
    for (const event of events) this.committed.set(event.position, event);
    return events;
  }

  rollBack(transaction: OpenTransaction): void {
    this.open.delete(transaction);
  }

  /** Another start of the server: what is under way is gone, positions are left out. */
  restart(): void {
    this.open.clear();
    this.next += 3;
    this.incarnation = `server/${Number(this.incarnation.split('/')[1]) + 1}`;
  }

  /** The log loses what stands above a position, and goes on from there. */
  setBack(position: number): void {
    this.open.clear();
    for (const at of this.committed.keys()) if (at > position) this.committed.delete(at);
    this.next = position + 1;
    this.incarnation = `server/${Number(this.incarnation.split('/')[1]) + 1}`;
  }

  /** A statement of its own: what is committed now. */
  now(after: number, upTo = Number.POSITIVE_INFINITY): StoredEvent[] {
    return this.events.filter(({ position }) => position > after && position <= upTo);
  }

  async readAll({ after, limit }: PageRequest): Promise<StoredEvent[]> {
    this.reads += 1;
    await this.takeTime();
    const page = await settlePage(after, this.now(after).slice(0, limit), this.gaps);
    await this.takeTime();
    return page.slice(0, limit);
  }

  async readHeads(page: PageRequest): Promise<LogHead[]> {
    return this.readAll(page);
  }

  async settledEnd(): Promise<number> {
    await this.takeTime();
    const end = this.positions.at(-1) ?? 0;
    await untilSettled(end, this.gaps);
    return end;
  }

  private get gaps(): GapReader<StoredEvent> {
    return {
      holders: async () => {
        await this.takeTime();
        return [...this.open].map(({ name }) => ({ transaction: name, pid: 1 }));
      },
      range: async (after, upTo) => {
        await this.takeTime();
        return this.now(after, upTo);
      },
    };
  }

  private async takeTime(): Promise<void> {
    const ms = this.readMs();
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is away');
    }
  }

  private eventAt(position: number): StoredEvent {
    const row = eventRow({ aggregate: 'a', id: `at-${position}` }, 1);
    const commandId = `${this.incarnation}-${position}`;
    return { ...row, commandId, position, recordedAt: 1 };
  }
}
