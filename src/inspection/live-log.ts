import type { Domain } from '../aggregate/domain.js';
import { readEvent } from '../aggregate/read-event.js';
import type { StartFrom } from '../dispatcher/subscription.js';
import type { ReadEvent, StoredEvent } from '../messages/event.js';
import { type InspectedEvent, inspectedEvent } from './inspected-event.js';

/** Which events are followed, and from where on. */
export interface FollowOptions {
  /** After this position. Default `'now'`. */
  readonly from?: StartFrom;
  /** Name of the aggregate, in code or in the log. */
  readonly aggregate?: string;
  readonly id?: string;
  /** Type as it is stored, or as it reads today. */
  readonly type?: string;
  /** Ends it, half a second later at most. */
  readonly signal?: AbortSignal;
}

/** What the log is followed with. */
export interface FollowParts {
  readonly domain: Domain;
  live(from: StartFrom, signal: AbortSignal | undefined): AsyncIterable<StoredEvent>;
}

/** The stored events of a log as they come, one by one; one that cannot be read ends nothing. */
export async function* followLog(
  { domain, live }: FollowParts,
  { from = 'now', aggregate, id, type, signal }: FollowOptions,
): AsyncGenerator<InspectedEvent, void> {
  const stored = aggregate && (domain.aggregates.get(aggregate)?.storedAs ?? aggregate);
  for await (const event of live(from, signal)) {
    if (stored !== undefined && event.aggregate !== stored) continue;
    if (id !== undefined && event.id !== id) continue;
    const read = readEvent(domain.stored.get(event.aggregate), event);
    if (type === undefined || isOfType(read, type)) yield inspectedEvent(domain, read);
  }
}

function isOfType({ type, readsAs }: ReadEvent, wanted: string): boolean {
  return type === wanted || (readsAs?.some((part) => part.type === wanted) ?? false);
}
