import { isRefusal, TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { StreamName } from '../store/store.js';
import type {
  Batch,
  Checkpoint,
  Hold,
  OpenBatch,
  StoredFilter,
  StoredState,
  SubscriptionStore,
} from '../store/subscriptions.js';
import { checkpointLost, outdated, type RetryOptions, verdictOn } from './failure.js';
import type { FeedBlame } from './feed-blame.js';
import type { Lift } from './lift.js';
import { type Consumer, checkedAnswer, type FeedEvent, type Transaction } from './subscription.js';
import type { Turnstile } from './turnstile.js';

/** What the handling of one subscription is made of. */
export interface HandlingParts {
  readonly consumer: Consumer;
  readonly store: SubscriptionStore;
  readonly wanted: StoredFilter;
  readonly lift: Lift;
  readonly blame: FeedBlame;
  readonly turnstile: Turnstile;
}

/** Where the one who runs a subscription stands. */
export interface Standing {
  readonly hold: Hold;
  /** As the row has it. */
  readonly stored: Checkpoint;
  /** Up to where was read; what lies between is wanted by nobody. */
  readonly mark: Checkpoint;
}

/** How an event is parked. */
export interface Parking {
  readonly attempts: number;
  readonly error: PlainError;
  /** Changes of what is parked that the caller has counted on. Default: any. */
  readonly known?: number;
}

const ONCE: RetryOptions = { attempts: 1, firstMs: 0, maxMs: 0 };
/** Events of a parked stream that are handled in one transaction. */
const LATE_EVENTS = 100;

/**
 * Handles batches of one subscription, each in one transaction: the row is locked, the epoch and the log
 * are checked, the consumer writes, the checkpoint is raised.
 */
export class Handling {
  private parked = new Set<string>();
  private parkedChanges = -1;
  private isEnding = false;

  constructor(private readonly parts: HandlingParts) {}

  /** Streams that wait. */
  get parkedCount(): number {
    return this.parked.size;
  }

  /** Begins with what was parked before; who waits for a position asks how many there are. */
  async begin(): Promise<void> {
    const { consumer, store } = this.parts;
    const open = (await store.parked(consumer.name)).filter(({ resolved }) => !resolved);
    this.parked = new Set(open.map(keyOf));
    this.parkedChanges = -1;
  }

  /**
   * Makes sure that it is ours and the log is the one we know, and reads what is parked; gives the number of
   * changes that this was after.
   */
  async look(standing: Standing): Promise<number> {
    await this.inTransaction(standing, false, async () => undefined);
    return this.parkedChanges;
  }

  /** Ends what is handled outside of a transaction after the event that is under way. */
  end(): void {
    this.isEnding = true;
  }

  /** Handles a batch and raises the checkpoint to its end, or to where its effects ended; gives that place. */
  async handle(
    standing: Standing,
    batch: Batch,
    how: { state: StoredState; isAlone: boolean },
  ): Promise<Checkpoint> {
    const { consumer, turnstile } = this.parts;
    if (!consumer.effects) {
      await this.inTransaction(standing, how.isAlone, async (tx) => {
        await this.give(batch.events.filter(this.isOpen), tx);
        await raise(tx, batch.upTo, how.state);
      });
      return batch.upTo;
    }
    const known = await this.look(standing);
    const upTo = await turnstile
      .pass(how.isAlone, () => this.takeEffect(batch))
      .catch((error: unknown) => this.leave(standing.hold, error));
    await this.inTransaction(standing, false, async (tx) => {
      if (tx.parkedChanges !== known) throw outdated(consumer.name);
      await raise(tx, upTo, how.state);
    });
    return upTo;
  }

  /** Who may not send commands, because another process owns the log, leaves the subscription to that. */
  async leave(hold: Hold, error: unknown): Promise<never> {
    if (!isRefusal(error, 'NotOwner')) throw error;
    await this.parts.store.yield(hold);
    throw new TroupeError('LeaseLost', `${hold.name} was left: ${error.message}`, hold, error);
  }

  /** Without a transaction. Gives the place up to which all is handled; rejects if that is none. */
  private async takeEffect({ events, upTo }: Batch): Promise<Checkpoint> {
    if (this.parts.consumer.effects === 'batch') {
      await this.give(events.filter(this.isOpen), undefined);
      return upTo;
    }
    let last: StoredEvent | undefined;
    for (const event of events) {
      if (this.isEnding && last) return placeOf(last);
      try {
        if (this.isOpen(event)) await this.give([event], undefined);
      } catch (error) {
        if (last) return placeOf(last); // it is the first of the next batch
        throw error;
      }
      last = event;
    }
    return upTo;
  }

  /** Its stream is not parked. */
  readonly isOpen = (event: StoredEvent): boolean => !this.parked.has(keyOf(event));

  /**
   * Parks the stream of an event, and goes past it; gives the number of changes of what is parked. Rejects
   * with `LeaseLost` if these were not `known`.
   */
  async park(standing: Standing, event: StoredEvent, { attempts, error, known }: Parking) {
    const { position, commandId } = event;
    try {
      await this.inTransaction(standing, false, async (tx) => {
        if (known !== undefined && tx.parkedChanges !== known) throw outdated(standing.hold.name);
        await tx.park(event, attempts, error);
        await raise(tx, { position, commandId }, 'catchingUp');
        // Who waits for this position asks what is parked as soon as it is passed.
        this.parked.add(keyOf(event));
        this.parkedChanges = tx.parkedChanges + 1;
      });
    } catch (cause) {
      this.parkedChanges = -1; // it is read again before anything is passed over
      throw cause;
    }
    return this.parkedChanges;
  }

  /** Tries a parked stream again that an operator has asked for; false if there is none. */
  async serve(standing: Standing): Promise<boolean> {
    const { store } = this.parts;
    const stream = await store.nextRequest(standing.hold);
    if (!stream) return false;
    try {
      await this.retry(standing, stream);
    } catch (error) {
      if (verdictOn(error, { size: 1, attempt: 1, isNarrowed: true }, ONCE) !== 'park') throw error;
      await store.retryFailed(standing.hold, stream, toPlainError(error));
    }
    return true;
  }

  /** Handles what waits in a parked stream, from its parked event on; in one piece, else event by event. */
  private async retry(standing: Standing, stream: StreamName): Promise<void> {
    if (this.parts.consumer.effects) return this.retryEffect(standing, stream);
    const count = await this.retryUpTo(standing, stream, LATE_EVENTS).catch((error: unknown) => {
      if (isOurs(error)) throw error;
      return 0;
    });
    if (count === 0) await this.retryUpTo(standing, stream, 1);
  }

  /** Outside of a transaction, unless an operator has changed his mind meanwhile. */
  private async retryEffect(standing: Standing, stream: StreamName): Promise<void> {
    const { consumer, turnstile, wanted } = this.parts;
    const next = async (tx: OpenBatch) => (await tx.waiting(stream, wanted, 1))[0];
    let event: StoredEvent | undefined;
    await this.inTransaction(standing, false, async (tx) => {
      event = await next(tx);
    });
    const isAlone = consumer.tasks === undefined; // tasks may take long, and nobody is to wait for them
    if (event) await turnstile.pass(isAlone, () => this.give([event as StoredEvent], undefined));
    await this.inTransaction(standing, false, async (tx) => {
      const still = await next(tx);
      if (still?.version !== event?.version) return;
      await tx.unpark(stream, event?.version ?? Number.MAX_SAFE_INTEGER, wanted);
    });
  }

  private async retryUpTo(standing: Standing, stream: StreamName, limit: number): Promise<number> {
    const { wanted } = this.parts;
    let count = 1;
    await this.inTransaction(standing, true, async (tx) => {
      const events = await tx.waiting(stream, wanted, limit);
      await this.give(events, tx, true);
      await tx.unpark(stream, events.at(-1)?.version ?? Number.MAX_SAFE_INTEGER, wanted);
      count = Math.max(1, events.length);
    });
    return count;
  }

  private async give(
    events: readonly StoredEvent[],
    tx: OpenBatch | undefined,
    areLate = false,
  ): Promise<void> {
    const { blame, consumer, lift } = this.parts;
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return;
    const places = [first.position, last.position];
    blame.enter(Math.min(...places), Math.max(...places));
    try {
      const lifted = this.passing(events.flatMap(lift));
      if (lifted.length === 0) return;
      if (!tx) return await consumer.handle(lifted, NO_TRANSACTION);
      const taken =
        areLate && consumer.handleLate
          ? consumer.handleLate(lifted, tx)
          : consumer.handle(lifted, tx);
      await Promise.race([taken, tx.lost]);
    } finally {
      blame.leave();
    }
  }

  /** The events that the consumer's own predicate lets through. */
  passing(events: readonly FeedEvent[]): readonly FeedEvent[] {
    const { consumer } = this.parts;
    if (!consumer.where) return events;
    return events.filter((event) => checkedAnswer(consumer.name, consumer.where?.(event)));
  }

  private inTransaction(
    standing: Standing,
    isAlone: boolean,
    work: (tx: OpenBatch) => Promise<void>,
  ): Promise<void> {
    return this.parts.turnstile.pass(isAlone, async () => {
      const tx = await this.parts.store.begin(standing.hold, standing.mark);
      try {
        await this.check(standing, tx);
        await work(tx);
        await tx.commit();
      } catch (error) {
        await tx.rollback();
        throw error;
      }
    });
  }

  private async check({ hold, stored }: Standing, tx: OpenBatch): Promise<void> {
    if (!tx.isAnchored) throw checkpointLost(hold.name, tx.checkpoint.position);
    if (tx.checkpoint.position !== stored.position || !tx.knowsMark) throw outdated(hold.name);
    if (tx.parkedChanges === this.parkedChanges) return;
    this.parked = new Set((await tx.parkedStreams()).map(keyOf));
    this.parkedChanges = tx.parkedChanges;
  }
}

const NO_TRANSACTION: Transaction = {
  query: () =>
    Promise.reject(
      new TroupeError(
        'NoTransaction',
        'A consumer with effects outside of the database has no transaction: leave out `effects`',
      ),
    ),
};

/** What handles event by event fails at the first of a batch: what was before it is behind. */
export function firstOf({ events }: Batch): Batch {
  const first = events[0] as StoredEvent;
  return { events: [first], upTo: placeOf(first) };
}

/** The checkpoint at an event. */
export function placeOf({ position, commandId }: Checkpoint): Checkpoint {
  return { position, commandId };
}

async function raise(tx: OpenBatch, upTo: Checkpoint, state: StoredState): Promise<void> {
  if (!(await tx.advance(upTo, state))) throw outdated('it');
}

/** Not the consumer's failure. */
function isOurs(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'LeaseLost' || code === 'CheckpointLost' || code === 'StoreUnavailable';
}

function keyOf({ aggregate, id }: StreamName): string {
  return streamKey(aggregate, id);
}
