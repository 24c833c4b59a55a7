import type { Domain } from '../aggregate/domain.js';
import type { ReadEvent } from '../messages/event.js';
import { eventId } from '../messages/ids.js';
import type { PlainError } from '../messages/plain-error.js';
import { nameOf } from './names.js';

/**
 * A stored event, and what it reads as today: plain JSON, since payloads are shown as they are stored, not
 * as an event's `decode` would make them. Times are Unix milliseconds.
 */
export interface InspectedEvent {
  readonly eventId: string;
  /** Name of the aggregate in code; of one that the domain does not know, its name in the log. */
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  /** As it is stored. */
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: unknown;
  /** The events of today that it stands for, where that is not the stored one itself. */
  readonly readsAs: readonly { readonly type: string; readonly data: unknown }[] | undefined;
  /** Why this code cannot read it. It does not end a page. */
  readonly unreadable: PlainError | undefined;
  readonly commandId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurredAt: number;
  readonly recordedAt: number;
}

/** An event as it is shown. */
export function inspectedEvent(domain: Domain, event: ReadEvent): InspectedEvent {
  const { aggregate, id, version, position, type, schemaVersion, commandId } = event;
  return {
    eventId: eventId(aggregate, id, version),
    ...{ aggregate: nameOf(domain, aggregate), id, version, position, type, schemaVersion },
    data: JSON.parse(event.data) as unknown,
    readsAs: event.readsAs?.map((part) => ({
      type: part.type,
      data: JSON.parse(part.data) as unknown,
    })),
    ...{ unreadable: event.unreadable, commandId },
    metadata: JSON.parse(event.metadata) as Record<string, unknown>,
    ...{ occurredAt: event.occurredAt, recordedAt: event.recordedAt },
  };
}
