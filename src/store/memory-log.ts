import { type Clock, systemClock } from '../internal/clock.js';
import type { EventRow } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import type { AppendBatch, AppendResult, Assertion } from './append.js';
import { compareRows, invalidData } from './memory-data.js';
import { MemoryEvents } from './memory-events.js';
import { MemoryOperations } from './memory-operations.js';
import { MemoryOutcomes } from './memory-outcomes.js';
import { MemorySnapshots } from './memory-snapshots.js';
import type { Writer } from './store.js';

/** Why an append stored nothing. */
type Refusal = Exclude<AppendResult, { kind: 'stored' }>;

/**
 * A log in memory: what all stores opened on it share, as they would share a database. Its methods
 * are synchronous, and each is one transaction.
 */
export class MemoryLog {
  /** Set another one, and the log looks like one whose server was restarted. */
  incarnation = 'memory/1';
  readonly events = new MemoryEvents();
  readonly outcomes: MemoryOutcomes;
  readonly snapshots = new MemorySnapshots(this.events);
  readonly operations: MemoryOperations;
  private readonly epochs = new Map<number, number>();
  private nextWriterId = 1;

  /** `clock` stamps events and expires outcomes. */
  constructor(private readonly clock: Clock = systemClock) {
    this.outcomes = new MemoryOutcomes(clock);
    this.operations = new MemoryOperations(this, clock);
  }

  registerWriter(): Writer {
    const id = this.nextWriterId++;
    this.epochs.set(id, 1);
    return this.writer(id, 1);
  }

  /** The writer with its epoch raised; `undefined` if it was removed and no epoch is given. */
  fence(writerId: number, lastEpoch?: number): Writer | undefined {
    const epoch = this.epochs.get(writerId) ?? lastEpoch;
    if (epoch === undefined) return undefined;
    this.epochs.set(writerId, epoch + 1);
    return this.writer(writerId, epoch + 1);
  }

  retireWriter(writerId: number): void {
    this.epochs.delete(writerId);
  }

  hasOtherWriters(writers: readonly number[]): boolean {
    return [...this.epochs.keys()].some((id) => !writers.includes(id));
  }

  append(writer: Writer, batch: AppendBatch): AppendResult {
    const refusal = this.refusal(writer, batch);
    if (refusal) return refusal;
    const now = this.clock.now();
    const positions = batch.rows.map((row) => this.events.add(row, now));
    this.outcomes.store(batch.outcomes);
    return { kind: 'stored', positions, recordedAt: now };
  }

  private writer(id: number, epoch: number): Writer {
    const { incarnation } = this;
    return { id, epoch, incarnation, afterPosition: this.events.all.length };
  }

  private refusal(writer: Writer, batch: AppendBatch): Refusal | undefined {
    const epoch = this.epochs.get(writer.id);
    if (epoch !== writer.epoch) {
      return refusal('fenced', `writer ${writer.id} has epoch ${epoch}, not ${writer.epoch}`);
    }
    if (writer.incarnation !== this.incarnation) {
      return refusal('restarted', `the log is not ${writer.incarnation}`);
    }
    const problem = invalidData(batch);
    if (problem) return refusal('invalid', problem);
    const conflict =
      this.takenVersion(batch.rows) ??
      this.failedAssertion(batch) ??
      this.outcomes.taken(batch.outcomes);
    return conflict ? refusal('conflict', conflict) : undefined;
  }

  private takenVersion(rows: readonly EventRow[]): string | undefined {
    const taken = rows.find((row, i) => {
      const before = rows[i - 1];
      return this.events.at(row, row.version) || (before && compareRows(before, row) === 0);
    });
    return taken && `version ${taken.version} of ${taken.aggregate}/${taken.id} is taken`;
  }

  /** Assertions see the rows of their own batch, as a statement sees what its transaction wrote. */
  private failedAssertion({ assertions, rows }: AppendBatch): string | undefined {
    const own = new Map(rows.map((row) => [streamKey(row.aggregate, row.id), row.version]));
    const headOf = (stream: Assertion) =>
      Math.max(
        this.events.head(stream)?.version ?? 0,
        own.get(streamKey(stream.aggregate, stream.id)) ?? 0,
      );
    const failed = assertions.find((assertion) => headOf(assertion) !== assertion.version);
    return failed && `${failed.aggregate}/${failed.id} is not at version ${failed.version}`;
  }
}

function refusal(kind: Refusal['kind'], why: string): Refusal {
  return { kind, cause: new Error(`memory log: ${why}`) };
}
