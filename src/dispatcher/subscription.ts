import type { PlainError } from '../messages/plain-error.js';
import type { SubscriptionState } from './subscription-status.js';

/*
 * What a subscription is made of, apart from how it is run. A view, a projection or a handler becomes a
 * `Consumer`; whoever runs it knows nothing else of it.
 */

/** An event as consumers get it: lifted to today's shape. One that splits today comes as several. */
export interface FeedEvent {
  /** Name of the aggregate in the log; see `Aggregate.storedAs`. */
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  /** Only where one stored event reads as several: which of them this is, from 0. */
  readonly part?: number;
  /** Today's name of the event. */
  readonly type: string;
  /** In its domain shape: parsed, and decoded where the event has a codec. */
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly commandId: string;
  /** When it happened in the domain. */
  readonly occurredAt: Date;
  /** When the log stored it. */
  readonly recordedAt: Date;
  /** Opaque: `aggregate/id@version`, percent-encoded; ends in `.part` for all parts but the first. */
  readonly eventId: string;
}

/** The transaction in which a checkpoint is raised. What is written through it happens exactly once. */
export interface Transaction {
  /**
   * Runs one statement. Rejects with the error of the database, or with `StoreUnavailable` if it can be
   * tried again; the batch then comes again.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
}

/** Which events a subscription gets. */
export interface Filter {
  /** Names in the log; `'all'` leaves out reserved ones (those that begin with `$`). */
  readonly aggregates: readonly string[] | 'all';
  /** By name in the log: today's names of the events that are wanted. Absent: all of that aggregate. */
  readonly types?: Readonly<Record<string, readonly string[]>>;
}

/** Where a subscription begins when it is seen for the first time: after this position. */
export type StartFrom = 'beginning' | 'now' | number;

/** How a consumer stands: see `SubscriptionState`. */
export interface Standing {
  readonly state: SubscriptionState | 'ended';
  readonly position: number;
}

/** Tells an operator. */
export type Tell = (kind: 'error' | 'warning', message: string, cause: PlainError) => void;

/** What is subscribed: a name, what it wants, and what it does with it. */
export interface Consumer {
  /** Unique on the log. At most 200 bytes. */
  readonly name: string;
  /** Raised with each change of `fingerprint`: a process that knows a lower one cannot take it any more. */
  readonly version: number;
  readonly filter: Filter;
  /** Of all that would make another consumer of it: filter, columns, code version. */
  readonly fingerprint: string;
  readonly from: StartFrom;
  /**
   * Takes a batch in order of position, inside the transaction of the checkpoint. If it rejects, nothing
   * of the batch has happened and it comes again, later in smaller parts.
   */
  handle(events: readonly FeedEvent[], tx: Transaction): Promise<void>;
  /**
   * Takes events of one stream that were parked, after later events of other streams were handled.
   * Default: `handle`. What is folded over several streams has to be folded anew here.
   */
  handleLate?(events: readonly FeedEvent[], tx: Transaction): Promise<void>;
  /**
   * Hears how it stands after each change, for one that does more than handle events while it is this
   * process that runs it. Its checkpoint has passed `status.position`. The last state is `ended`.
   */
  stands?(status: Standing, tell: Tell): void;
}

/** Marks what stands for consumers among the exports of a domain module. */
export const CONSUMER = Symbol.for('troupe.consumer');

/** What a consumer is made in: where its tables are. */
export interface ConsumerContext {
  /** Name of Troupe's schema, not quoted. */
  readonly schema: string;
}

/** An export of a domain module that becomes consumers in each process. */
export interface ConsumerSource {
  [CONSUMER](context: ConsumerContext): Consumer | readonly Consumer[];
}

/** Is it an export that becomes consumers? */
export function isConsumerSource(value: unknown): value is ConsumerSource {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as Partial<ConsumerSource>)[CONSUMER] === 'function'
  );
}
