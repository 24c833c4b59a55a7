import type { Aggregate, AggregateTypes, EventOf } from '../aggregate/define-aggregate.js';
import { domainShape } from '../aggregate/event-codec.js';
import { TroupeError } from '../messages/errors.js';
import type { ReadEvent } from '../messages/event.js';
import { eventId } from '../messages/ids.js';

/** An event as it is read from the log. */
export type RecordedEvent<Types extends AggregateTypes = AggregateTypes> = EventOf<Types> & {
  /** Opaque: `aggregate/id@version`, percent-encoded. Stays the same when an aggregate is renamed. */
  readonly eventId: string;
  /** Name of the aggregate in code; of one that the domain does not know, its name in the log. */
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  /**
   * Only where one stored event reads as several: which of them this is, from 0. They share version and
   * position; the ids of all but the first end in `.part`.
   */
  readonly part?: number;
  readonly commandId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When it happened in the domain. */
  readonly occurredAt: Date;
  /** When the log stored it. */
  readonly recordedAt: Date;
};

/**
 * The events that a stored one stands for, with their payloads parsed; without a definition the stored one
 * itself. Throws a `TroupeError` with code `StreamUnreadable` for one that this code cannot read.
 */
export function toRecorded<Types extends AggregateTypes>(
  definition: Pick<Aggregate, 'name' | 'codecs'> | undefined,
  event: ReadEvent,
): RecordedEvent<Types>[] {
  if (event.unreadable) throw notReadable(event, event.unreadable);
  const { aggregate, id, version, position, commandId, readsAs } = event;
  const parts = readsAs ?? [event];
  return parts.map(({ type, data }, part) => {
    const recorded = {
      eventId: eventId(aggregate, id, version) + (part === 0 ? '' : `.${part}`),
      aggregate: definition?.name ?? aggregate,
      id,
      version,
      position,
      ...(parts.length > 1 && { part }),
      type,
      data: domainShape(definition?.codecs.get(type), data),
      commandId,
      metadata: JSON.parse(event.metadata) as Record<string, unknown>,
      occurredAt: new Date(event.occurredAt),
      recordedAt: new Date(event.recordedAt),
    };
    // It was read by the definition that these types stand for.
    return recorded as unknown as RecordedEvent<Types>;
  });
}

function notReadable(
  { position }: ReadEvent,
  { code = 'StreamUnreadable', message, details, cause }: NonNullable<ReadEvent['unreadable']>,
): TroupeError {
  return new TroupeError(code, message, { ...details, position }, cause);
}
