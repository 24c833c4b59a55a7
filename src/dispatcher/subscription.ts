import type { PlainError } from '../messages/plain-error.js';
import type { StreamName } from '../store/store.js';
import type { FeedMetricName } from '../telemetry/feed-metrics.js';
import type { FeedTelemetry } from '../telemetry/feed-telemetry.js';
import type { BuildGuard, Guard } from './build-guard.js';
import type { RebuildProgress, SubscriptionState } from './subscription-status.js';
import type { Task } from './task.js';

/*
 * What a subscription is made of, apart from how it is run. A view, a projection or a handler becomes a
 * `Consumer`; whoever runs it knows nothing else of it.
 */

import { TroupeError } from '../messages/errors.js';

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

/** The transaction of a batch, and what its row said when it was locked. */
export interface BatchTransaction extends Transaction {
  /** By which the subscription is held: another object after each claim. */
  readonly hold: object;
  /** Everything up to here was handled, or parked, in transactions that have ended. */
  readonly checkpoint: { readonly position: number };
  /** Another number whenever what was written has been touched beside the batches. */
  readonly parkedChanges: number;
}

/** Which events a subscription gets. */
export interface Filter {
  /** Names in the log; `'all'` leaves out reserved ones (those that begin with `$`), `'everything'` does not. */
  readonly aggregates: readonly string[] | 'all' | 'everything';
  /** By name in the log: today's names of the events that are wanted. Absent: all of that aggregate. */
  readonly types?: Readonly<Record<string, readonly string[]>>;
}

/** Where a subscription begins when it is seen for the first time: after this position. */
export type StartFrom = 'beginning' | 'now' | number;

/** How a consumer stands: see `SubscriptionState`. */
export interface Standing {
  readonly state: SubscriptionState;
  readonly position: number;
}

/** Tells an operator. */
export type Tell = (
  kind: 'error' | 'warning' | 'info',
  message: string,
  cause: PlainError | undefined,
) => void;

/** How a consumer gets ready; see `Consumer.prepare`. */
export interface Preparing {
  /** Ends it; it is begun again later. */
  readonly signal: AbortSignal;
  /** Runs what code of the domain does meanwhile. */
  readonly guard: Guard;
  /** Tells how far it has come. Not called where nothing has to be done. */
  progress(progress: RebuildProgress): void;
}

/** The same, for what is built before it is claimed. */
export interface PreparingBuild extends Preparing {
  readonly guard: BuildGuard;
}

/** What may be asked of a consumer beside its batches. Plain data. */
export type Operation =
  /** Builds what it writes anew, beside what serves. */
  | { readonly kind: 'rebuild' }
  /** Builds these documents of a view anew. */
  | { readonly kind: 'rebuildKeys'; readonly keys: readonly string[] }
  /** Takes the events of one stream anew. */
  | { readonly kind: 'rebuildStream'; readonly stream: StreamName }
  /** Hands a handler again what it has handled after this position. */
  | { readonly kind: 'replay'; readonly after: number };

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
   * What it does is outside of the database, and happens at least once. Then no transaction is open while
   * it is called, however long that takes: the checkpoint is raised afterwards. `each`: it gets one stored
   * event at a time, and those before one that fails count as handled; `batch`: all of a batch.
   */
  readonly effects?: 'each' | 'batch';
  /**
   * Where it is given, together with `effects`, events are not handled batch by batch: each asks for tasks,
   * which run in lanes, also while those of earlier events are under way. A task that fails is tried again
   * by itself; what goes on failing has its stream parked, while the others go on. The checkpoint follows
   * up to where all is done, so everything behind it may be asked for again: tasks carry keys. `handle` does
   * the same for events that have to be handled alone. Called in order of position; what it throws counts
   * as a failure of the event.
   */
  tasks?(event: FeedEvent): readonly Task[];
  /**
   * Makes what it writes into ready for its version. Ends before it is claimed, so that another version
   * may go on meanwhile; may be called again, and in several processes at a time. What it rejects with is
   * tried again.
   */
  prepare?(how: PreparingBuild): Promise<void>;
  /**
   * How long at least it waits after a live batch for the next one to grow. For what nobody waits for: each
   * batch costs a transaction. Milliseconds. Default: as long as the batch had events for.
   */
  readonly restMs?: number;
  /**
   * Events come as they are stored, one for one: neither lifted to today's shape nor checked, so that
   * there is none that cannot be read. Default false.
   */
  readonly asStored?: boolean;
  /**
   * Which of the events that `filter` lets through are handled. Pure; runs where they are handled. A
   * function cannot be compared with that of another process: raise `version` when it changes. One that
   * throws, or gives anything but a boolean, fails the event as `handle` does.
   */
  where?(event: FeedEvent): boolean;
  /**
   * Takes a batch in order of position, inside the transaction of the checkpoint. If it rejects, nothing
   * of the batch has happened and it comes again, later in smaller parts.
   */
  handle(events: readonly FeedEvent[], tx: Transaction | BatchTransaction): Promise<void>;
  /**
   * Takes events of one stream that were parked, after later events of other streams were handled.
   * Default: `handle`. What is folded over several streams has to be folded anew here.
   */
  handleLate?(events: readonly FeedEvent[], tx: Transaction): Promise<void>;
  /**
   * Hears how it stands after each change, for one that does more than handle events while it is this
   * process that runs it. Its checkpoint has passed `status.position`.
   */
  stands?(status: Standing, tell: Tell): void;
  /** What it counts beside its batches. Default: nothing. */
  readonly measures?: readonly FeedMetricName[];
  /** Hears before its first batch where it counts that. */
  counts?(telemetry: FeedTelemetry): void;
  /** Does what was asked for; rejects with `NotSupported` for what it cannot do. */
  operate?(operation: Operation, how: Preparing): Promise<void>;
  /** Ends it when its processor stops; not called where that dies. */
  close?(): Promise<void>;
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

/** What a predicate has answered. Throws `InvalidPredicate` for anything else: a promise would let all pass. */
export function checkedAnswer(name: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  const given = answer instanceof Promise ? 'a promise' : typeof answer;
  const message = `where of ${name}: expected true or false, got ${given}`;
  throw new TroupeError('InvalidPredicate', message, { name, given });
}
