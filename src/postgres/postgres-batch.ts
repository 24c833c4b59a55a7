import type pg from 'pg';
import { TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { PlainError } from '../messages/plain-error.js';
import type { StreamName } from '../store/store.js';
import type {
  Checkpoint,
  Hold,
  OpenBatch,
  StoredFilter,
  StoredState,
} from '../store/subscriptions.js';
import { run } from './connection.js';
import type { subscriptionStatements } from './statements/subscription-set.js';
import type { LockedRow } from './statements/subscriptions.js';
import { readFailure } from './translate-error.js';

interface BatchParts {
  readonly hold: Hold;
  /** Up to where its owner has read. */
  readonly mark: Checkpoint;
  readonly sql: ReturnType<typeof subscriptionStatements>;
  readonly leaseMs: number;
}

/** The transaction of one batch. The row is locked first, so that whoever takes over waits for its end. */
export class PostgresBatch implements OpenBatch {
  private row: LockedRow | undefined;
  private ended = false;
  readonly lost: Promise<never>;
  private readonly lose: (error: Error) => void;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly parts: BatchParts,
  ) {
    let reject!: (error: Error) => void;
    this.lost = new Promise<never>((_, no) => {
      reject = no;
    });
    this.lost.catch(() => undefined); // heard where something is awaited
    this.lose = (error) => reject(readFailure(error));
    client.on('error', this.lose);
  }

  get hold(): Hold {
    return this.parts.hold;
  }

  get checkpoint(): Checkpoint {
    return this.locked.checkpoint;
  }

  get isAnchored(): boolean {
    return this.locked.isAnchored;
  }

  get knowsMark(): boolean {
    return this.locked.knowsMark;
  }

  get parkedChanges(): number {
    return this.locked.parkedChanges;
  }

  /** Begins and locks. Rejects with `LeaseLost` if another has taken the subscription. */
  async open(): Promise<void> {
    const { hold, leaseMs, mark, sql } = this.parts;
    // A process that is stopped in here must not keep the row longer than its lease.
    const idleMs = Math.max(1, Math.floor((leaseMs * 2) / 3));
    const [, row] = await Promise.all([
      // No wait for the disk: what a crash of the server takes back, it takes back with the checkpoint.
      this.client.query(
        `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}; SET LOCAL synchronous_commit = off`,
      ),
      run(this.client, sql.lock, hold.name, mark),
    ]);
    if (row?.epoch !== hold.epoch) {
      const message = `The subscription ${hold.name} has epoch ${row?.epoch}, not ${hold.epoch}: it was taken over, paused or stopped`;
      throw new TroupeError('LeaseLost', message, hold);
    }
    this.row = row;
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    if (this.ended)
      throw new TroupeError(
        'TransactionOver',
        'The transaction of this batch has ended: await what is begun in it',
      );
    try {
      return (await this.client.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw readFailure(error);
    }
  }

  parkedStreams(): Promise<readonly StreamName[]> {
    return run(this.client, this.parts.sql.parkedStreams, this.parts.hold.name);
  }

  async park(event: StoredEvent, attempts: number, error: PlainError): Promise<void> {
    const { hold, sql } = this.parts;
    await run(this.client, sql.park, hold.name, event, attempts, error);
    await run(this.client, sql.parkedChanged, hold.name);
  }

  waiting(
    stream: StreamName,
    filter: StoredFilter,
    limit: number,
  ): Promise<readonly StoredEvent[]> {
    return run(this.client, this.parts.sql.waiting, this.parts.hold.name, stream, limit, filter);
  }

  async unpark(stream: StreamName, upTo: number, filter: StoredFilter): Promise<void> {
    const { hold, sql } = this.parts;
    await run(this.client, sql.resolve, hold.name, stream, 'retried', undefined);
    await run(this.client, sql.parkNext, hold.name, stream, upTo, filter);
    await run(this.client, sql.parkedChanged, hold.name);
  }

  advance(upTo: Checkpoint, state: StoredState): Promise<boolean> {
    const { hold, leaseMs, sql } = this.parts;
    return run(this.client, sql.advance, hold, upTo, { state, leaseMs });
  }

  async commit(): Promise<void> {
    this.ended = true;
    try {
      const { command } = await this.client.query('COMMIT');
      // The server answers a COMMIT after an error that was swallowed in this way.
      if (command !== 'COMMIT') throw rolledBack(this.parts.hold);
      this.release(false);
    } catch (error) {
      this.release(true);
      throw readFailure(error);
    }
  }

  async rollback(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    try {
      await this.client.query('ROLLBACK');
      this.release(false);
    } catch {
      this.release(true);
    }
  }

  private release(broken: boolean): void {
    this.client.off('error', this.lose);
    this.client.release(broken);
  }

  private get locked(): LockedRow {
    if (!this.row) throw new Error('the batch was not opened');
    return this.row;
  }
}

function rolledBack(hold: Hold): TroupeError {
  const message = `A statement in a batch of ${hold.name} failed, and its error was swallowed: the batch was rolled back`;
  return new TroupeError('BatchRolledBack', message, hold);
}
