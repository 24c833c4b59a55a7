import type {
  ConsumerContext,
  FeedEvent,
  Filter,
  Transaction,
} from '../dispatcher/subscription.js';
import type { ViewTables } from '../store/view-tables.js';
import type { Send } from './send.js';

/** Where a page of the log starts, and where it ends at the latest. */
export interface FeedRange {
  /** The position after which it starts. */
  readonly after: number;
  /** The last position that is wanted. */
  readonly upTo: number;
  /** Events at most. */
  readonly limit: number;
}

/** A page of the log, and how far it reaches. */
export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** All events up to here that the filter lets through were in this page or before it. */
  readonly upTo: number;
}

/** Reads events by position, lifted to today's shape. */
export type ReadFeed = (filter: Filter, range: FeedRange) => Promise<FeedPage>;

/**
 * All that a subscription has handled, in order of position, a page at a time: up to its checkpoint,
 * without the events that are parked.
 */
export type ReadHandled = (
  subscription: string,
  filter: Filter,
  tx: Transaction,
) => AsyncIterable<readonly FeedEvent[]>;

/** What views, projections and handlers become consumers in. */
export interface ProjectionContext extends ConsumerContext {
  readonly views: ViewTables;
  /** Sends the commands of handlers. */
  readonly send: Send;
  readonly handled: ReadHandled;
}
