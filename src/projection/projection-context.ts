import type { Ask } from '../dispatcher/ask.js';
import type {
  ConsumerContext,
  FeedEvent,
  Filter,
  Operation,
  Preparing,
  PreparingBuild,
  Transaction,
} from '../dispatcher/subscription.js';
import type { ViewTables } from '../store/view-tables.js';
import type { Send } from './send.js';

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
  /** Sends the runtime's own commands: those of sagas. */
  readonly ask: Ask;
  readonly handled: ReadHandled;
  /** Builds the version of a reader, by its name, if it does not serve yet; absent where nothing is to be built. */
  readonly bringUp?: (reader: string, how: PreparingBuild) => Promise<void>;
  /** Does what was asked of a reader; absent where nothing can be. */
  readonly operate?: (reader: string, operation: Operation, how: Preparing) => Promise<void>;
}
