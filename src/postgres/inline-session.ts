import type pg from 'pg';
import { TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { InlineReader, InlineTransaction } from '../store/inline.js';
import { readFailure } from './translate-error.js';

/** Later statements of a transaction that has failed: not what failed. */
const IN_FAILED_TRANSACTION = '25P02';

/** One transaction of an append, as the handlers of inline projections use it. */
export class InlineSession {
  /** What failed, and whose statement or handler it was. */
  blamed: { readonly reader: InlineReader; readonly error: unknown } | undefined;
  /** The connection is gone. */
  isLost = false;
  private readonly databaseErrors = new Set<unknown>();
  /** The last error of a statement; the transaction may have gone back to a savepoint since. */
  private failed: InlineSession['blamed'];
  private current: InlineReader | undefined;
  private readonly ran: InlineReader[] = [];
  private ended = false;
  private readonly lost: Promise<never>;
  private readonly lose: (error: Error) => void;

  constructor(
    readonly client: pg.Client,
    private readonly schema: string,
  ) {
    let reject!: (error: Error) => void;
    this.lost = new Promise<never>((_, no) => {
      reject = no;
    });
    this.lost.catch(() => undefined); // heard while a handler runs
    this.lose = (error) => {
      this.isLost = true;
      this.databaseErrors.add(error);
      if (this.current) this.blamed ??= { reader: this.current, error };
      reject(error);
    };
    client.on('error', this.lose);
  }

  /** Runs one handler; rejects if it fails or the connection is lost meanwhile. */
  async run(reader: InlineReader, events: readonly StoredEvent[]): Promise<void> {
    this.current = reader;
    this.ran.push(reader);
    const tx: InlineTransaction = {
      schema: this.schema,
      query: (text, values) => {
        const result = this.query(reader, text, values) as Promise<never>;
        result.catch(() => undefined); // one that is not awaited would end the process
        return result;
      },
    };
    try {
      await Promise.race([reader.handle(events, tx), this.lost]);
    } catch (error) {
      const failed = (await this.hasFailed()) ? this.failed : undefined;
      this.blamed ??= failed ?? { reader, error };
      throw error;
    } finally {
      this.current = undefined;
    }
  }

  /** Commits. Constraints may be checked no sooner than here; then all projections may be at fault. */
  async commit(): Promise<void> {
    this.ended = true;
    // The server answers a COMMIT after an error that was swallowed by rolling back.
    const { command } = await this.client.query('COMMIT').catch((error: unknown): never => {
      throw this.atCommit(error);
    });
    if (command === 'COMMIT') return;
    this.blamed = this.failed;
    throw new TroupeError('TransactionOver', 'A statement failed, and its error was swallowed');
  }

  async rollback(): Promise<void> {
    this.ended = true;
    await this.client.query('ROLLBACK');
  }

  /** What is still queried through it is refused from now on. */
  end(): void {
    this.ended = true;
    this.client.off('error', this.lose);
  }

  isDatabaseError(error: unknown): boolean {
    return this.databaseErrors.has(error);
  }

  /**
   * A statement has failed for good: not one that a savepoint has undone. Asked of the server, since the error
   * of a statement may come before the client hears of the state of its transaction.
   */
  private async hasFailed(): Promise<boolean> {
    if (this.failed === undefined || this.isLost) return this.isLost;
    return this.client.query('SELECT 1').then(
      () => false,
      () => true,
    );
  }

  /** Whose deferred constraint does not hold: told by the table. */
  private atCommit(error: unknown): unknown {
    const { table = '' } = error as { readonly table?: string };
    const owner = this.ran.find(({ name, version }) =>
      table.startsWith(`inline_${name.replaceAll('-', '_')}_v${version}_`),
    );
    const reader = owner ?? this.ran.at(-1);
    this.databaseErrors.add(error);
    if (reader) this.blamed ??= { reader, error };
    return error;
  }

  private async query<Row extends object>(
    reader: InlineReader,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    if (this.ended)
      throw new TroupeError(
        'TransactionOver',
        'The transaction of this append has ended: await what is begun in it',
      );
    try {
      return (await this.client.query<Row>(text, [...values])).rows;
    } catch (error) {
      this.databaseErrors.add(error);
      const { code } = error as { readonly code?: string };
      if (code !== IN_FAILED_TRANSACTION) this.failed = { reader, error };
      throw readFailure(error);
    }
  }
}
