import type { StoredEvent } from '../messages/event.js';
import type { PlainError } from '../messages/plain-error.js';
import type { IndexReader } from './indexes.js';
import type { StreamName } from './store.js';
import type { StoredFilter } from './stored-filter.js';

export type { StoredFilter };

/** A place in the log and who stands there, so that another history is not taken for this one. */
export interface Checkpoint {
  readonly position: number;
  /** Command id of the event at that position; empty at position 0. */
  readonly commandId: string;
}

/** What a subscription is doing, as its row says. */
export type StoredState = 'catchingUp' | 'live' | 'retrying' | 'paused' | 'stopped';

/** Code that knows a subscription. */
export interface Registration {
  readonly name: string;
  readonly version: number;
  readonly fingerprint: string;
}

/** A claim that was granted: what is done with the row proves itself by the epoch. */
export interface Hold {
  readonly name: string;
  readonly epoch: number;
}

/** Events that ended the thread, or the process, in which they were handled. */
export interface Suspect {
  readonly from: number;
  readonly upTo: number;
}

/** What became of the wish to run a subscription. */
export type Claim =
  | {
      readonly kind: 'granted';
      readonly hold: Hold;
      readonly checkpoint: Checkpoint;
      /** The log holds the checkpoint. */
      readonly isAnchored: boolean;
      readonly suspect: Suspect | undefined;
    }
  | { readonly kind: 'held'; readonly owner: string }
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped'; readonly error: PlainError | undefined }
  /** The row says another version or fingerprint than the code. */
  | { readonly kind: 'other'; readonly version: number; readonly fingerprint: string };

/** A hold as it is seen when leases are renewed. */
export interface Renewed extends Hold {
  /** As `OpenBatch.parkedChanges`. */
  readonly parkedChanges: number;
  /** An operator has asked for a parked stream to be tried again. */
  readonly isAsked: boolean;
}

/** An event that failed for a subscription, with which its stream waits there. */
export interface ParkedEvent extends StreamName {
  readonly subscription: string;
  readonly version: number;
  readonly position: number;
  readonly type: string;
  readonly attempts: number;
  readonly error: PlainError | undefined;
  /** Unix milliseconds. */
  readonly parkedAt: number;
  /** It is to be tried again, and nobody has done so yet. */
  readonly isAsked: boolean;
  readonly resolved: 'retried' | 'skipped' | undefined;
  /** Who asked for it, and why. */
  readonly resolvedBy: string | undefined;
  readonly resolvedWhy: string | undefined;
  readonly resolvedAt: number | undefined;
}

/** A subscription as its row says. */
export interface StoredSubscription extends Registration {
  readonly checkpoint: Checkpoint;
  readonly state: StoredState;
  readonly attempts: number;
  readonly error: PlainError | undefined;
  /** Who runs it; `undefined` where nobody holds a lease. */
  readonly owner: string | undefined;
  readonly epoch: number;
  /** Streams that wait. */
  readonly parked: number;
  /** Unix milliseconds. */
  readonly updatedAt: number;
}

/** How far a subscription is. */
export type Progress = Pick<StoredSubscription, 'name' | 'parked'> & { readonly position: number };

/** Who asks an operator's thing, and why: kept for ever. */
export interface Reason {
  readonly who: string;
  readonly why: string;
}

/** Asks for a page of wanted events; all of `after < position <= upTo` must be settled. */
export interface FilteredPage {
  readonly filter: StoredFilter;
  readonly after: number;
  readonly upTo: Checkpoint;
  readonly limit: number;
}

/** Wanted events, and the place up to which there are no others. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  readonly upTo: Checkpoint;
}

/** The checkpoint's transaction. The subscription's row is locked and the epoch was right. */
export interface OpenBatch {
  readonly hold: Hold;
  readonly checkpoint: Checkpoint;
  /** The log holds the checkpoint. */
  readonly isAnchored: boolean;
  /** The log holds the place up to which the owner has read. */
  readonly knowsMark: boolean;
  /** Grows with each change of what is parked, and when documents were folded anew. */
  readonly parkedChanges: number;
  /** Runs a statement of the consumer. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Rejects when the connection is lost, whatever is awaited meanwhile. */
  readonly lost: Promise<never>;
  /** Streams that wait. */
  parkedStreams(): Promise<readonly StreamName[]>;
  park(event: StoredEvent, attempts: number, error: PlainError): Promise<void>;
  /** Up to `limit` wanted events of a parked stream, from its parked one to the checkpoint. */
  waiting(stream: StreamName, filter: StoredFilter, limit: number): Promise<readonly StoredEvent[]>;
  /** The parked event was handled, and all up to `upTo`; what still waits behind is asked for next. */
  unpark(stream: StreamName, upTo: number, filter: StoredFilter): Promise<void>;
  /** Raises the checkpoint. False where the log does not hold it: memory ran ahead of the log. */
  advance(upTo: Checkpoint, state: StoredState): Promise<boolean>;
  commit(): Promise<void>;
  /** Never rejects. */
  rollback(): Promise<void>;
}

/** Subscriptions, their leases, checkpoints and parked streams. Methods reject as those of `Store` do. */
export interface SubscriptionStore extends IndexReader {
  find(name: string): Promise<StoredSubscription | undefined>;
  list(): Promise<readonly StoredSubscription[]>;
  /** Makes the row, unless there is one. */
  register(registration: Registration, start: Checkpoint): Promise<void>;
  /** Tries to become the one who runs it; a higher version takes it from a lower one at once. */
  claim(registration: Registration, owner: string): Promise<Claim>;
  /** Renews the leases of an owner, and tells how each stands. Rows that are locked renew theirs themselves. */
  renew(owner: string): Promise<readonly Renewed[]>;
  /** Gives up what an owner holds, so that another can take it at once. */
  release(owner: string): Promise<void>;
  /** Gives up one of them. */
  yield(hold: Hold): Promise<void>;
  /** The last event at or below a position. */
  checkpointAt(position: number): Promise<Checkpoint>;
  page(page: FilteredPage): Promise<Batch>;
  /** Begins the transaction of a batch that follows `mark`; rejects with `LeaseLost` if another has taken it. */
  begin(hold: Hold, mark: Checkpoint): Promise<OpenBatch>;
  /**
   * Raises the checkpoint outside of any batch; false as in `OpenBatch.advance`, if the hold is lost, or if
   * what is parked has changed other than `parkedChanges` times. Default: any. Does not wait for the disk.
   */
  advance(
    hold: Hold,
    upTo: Checkpoint,
    state: StoredState,
    parkedChanges?: number,
  ): Promise<boolean>;
  /** Notes a failure, outside any batch. */
  failed(hold: Hold, attempts: number, error: PlainError): Promise<void>;
  /** Ends it until an operator resumes it. */
  stop(hold: Hold, error: PlainError): Promise<void>;
  /** The next parked stream that an operator wants tried again. */
  nextRequest(hold: Hold): Promise<StreamName | undefined>;
  /** A retry has failed. */
  retryFailed(hold: Hold, stream: StreamName, error: PlainError): Promise<void>;
  /**
   * The thread has ended while these events were handled. A single one with none beside it, for the second
   * time: its stream is parked. If they were being retried, the retry has failed. True if one is parked.
   */
  died(
    name: string,
    suspect: Suspect & { readonly isAlone: boolean },
    error: PlainError,
  ): Promise<boolean>;
  /** True if there was such a subscription. */
  pause(name: string): Promise<boolean>;
  /** Goes on, after `pause` or a stop; `at` sets the checkpoint. */
  resume(name: string, at: Checkpoint | undefined): Promise<boolean>;
  parked(name: string, stream?: StreamName): Promise<readonly ParkedEvent[]>;
  /** True if the stream waits there. */
  askRetry(name: string, stream: StreamName, reason: Reason): Promise<boolean>;
  /** Leaves out the parked event for good; what waits behind it is handled. True if the stream waits there. */
  skip(name: string, stream: StreamName, reason: Reason): Promise<boolean>;
  /** How far subscriptions are, and how many streams wait; none for names that there are not. One cheap statement. */
  progress(names: readonly string[]): Promise<readonly Progress[]>;
  /** How far it is, and the parked event that the event at `position` is or waits behind. */
  reached(
    name: string,
    position: number,
  ): Promise<{ readonly position: number; readonly parked: ParkedEvent | undefined } | undefined>;
  close(): Promise<void>;
}
