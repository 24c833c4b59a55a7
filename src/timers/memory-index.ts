import type { Domain } from '../aggregate/domain.js';
import { liftFor } from '../dispatcher/lift.js';
import type { Consumer, Standing, Tell } from '../dispatcher/subscription.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';

const PAGE_SIZE = 1000;
const RETRY_MS = 100;
const NO_SQL: Sql = { query: () => Promise.reject(new Error('a log in memory runs no SQL')) };

/** Reads the log for the indexes where there are no subscriptions: in memory, from the beginning at each start. */
export class MemoryIndex {
  private position = 0;
  private isAsked = false;
  private isStopped = false;
  private reading: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: Pick<Store, 'readAll'>,
    private readonly domain: Pick<Domain, 'stored'>,
    private readonly parts: { readonly indexes: readonly Consumer[]; readonly tell: Tell },
  ) {}

  /** All that was committed before the call is in the indexes when it resolves, if it can be read. */
  async caughtUp(): Promise<void> {
    this.wake();
    while (this.reading) await this.reading;
  }

  /** The log may have grown. */
  wake(): void {
    this.isAsked = true;
    if (this.isStopped) return;
    this.reading ??= this.read().then(
      () => this.rest(),
      (cause: unknown) => this.fail(toPlainError(cause)),
    );
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.retry);
    await this.reading;
    await Promise.all(this.parts.indexes.map((index) => index.close?.()));
  }

  private rest(): void {
    this.reading = undefined;
    if (this.isAsked) this.wake();
  }

  private fail(cause: PlainError): void {
    this.reading = undefined;
    const { indexes, tell } = this.parts;
    const first = indexes[0]?.name;
    if (!this.retry) tell('warning', `${first} cannot read the log: ${cause.message}`, cause);
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.wake();
    }, RETRY_MS).unref();
  }

  private async read(): Promise<void> {
    this.isAsked = false;
    const page = await this.store.readAll({ after: this.position, limit: PAGE_SIZE });
    for (const index of this.parts.indexes) await this.give(index, page);
    this.position = page.at(-1)?.position ?? this.position;
    this.isAsked ||= page.length === PAGE_SIZE;
    this.stands(this.isAsked ? 'catchingUp' : 'live');
  }

  private stands(state: Standing['state']): void {
    const { indexes, tell } = this.parts;
    for (const index of indexes) index.stands?.({ state, position: this.position }, tell);
  }

  private async give(index: Consumer, page: Awaited<ReturnType<Store['readAll']>>): Promise<void> {
    const lift = liftFor(this.domain, index.filter);
    const wanted = page.filter(({ aggregate }) => index.filter.aggregates.includes(aggregate));
    await index.handle(wanted.flatMap(lift), NO_SQL);
  }
}
