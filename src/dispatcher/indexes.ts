import { idProblem } from '../messages/ids.js';
import {
  INDEXES,
  type IndexEntry,
  type IndexName,
  type IndexOptions,
  type IndexTables,
  indexSubscription,
} from '../store/indexes.js';
import type { Consumer, FeedEvent } from './subscription.js';

/** How the id is found under which an event is kept; anything but a fitting text is left out. */
const IDS: Readonly<Record<IndexName, (event: FeedEvent) => unknown>> = {
  commands: (event) => event.commandId,
  correlations: (event) => event.metadata.correlationId,
};

/**
 * The built-in subscriptions that fill indexes: of all events, reserved streams too, and as they are
 * stored, since what an upcaster drops has happened all the same.
 */
export function indexConsumers(wanted: IndexOptions, tables: IndexTables): readonly Consumer[] {
  return INDEXES.filter((index) => wanted[index]).map((index) => ({
    ...{ name: indexSubscription(index), version: 1, fingerprint: 'index', from: 'beginning' },
    filter: { aggregates: 'everything' },
    asStored: true,
    handle: (events, tx) => tables.add(tx, index, entriesOf(index, events)),
  }));
}

/** Can events be found under this id? One that scripts made too long for an index, or not of text, is not in it. */
export function isIndexable(id: unknown): id is string {
  return typeof id === 'string' && idProblem(id) === undefined;
}

function entriesOf(index: IndexName, events: readonly FeedEvent[]): readonly IndexEntry[] {
  return events.flatMap((event) => {
    const id = IDS[index](event);
    return isIndexable(id) ? [{ id, position: event.position }] : [];
  });
}
