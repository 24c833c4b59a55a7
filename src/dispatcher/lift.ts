import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { type DomainEvent, domainEvents } from '../aggregate/upcasting.js';
import type { StoredEvent } from '../messages/event.js';
import { eventId } from '../messages/ids.js';
import type { FeedEvent, Filter } from './subscription.js';

/** Makes of a stored event what consumers get of it: none to several. Throws where it cannot be read. */
export type Lift = (event: StoredEvent) => readonly FeedEvent[];

/**
 * Lifts for one subscription: to today's shape, and of that only what it wants. Events of aggregates that
 * the domain does not know come as they are stored.
 */
export function liftFor(domain: Pick<Domain, 'stored'>, { types }: Filter): Lift {
  return (event) => {
    const definition = domain.stored.get(event.aggregate);
    const parts: readonly Part[] = definition
      ? partsOf(definition, event)
      : [{ type: event.type, data: JSON.parse(event.data) as unknown }];
    const only = types?.[event.aggregate];
    const lifted = parts.map(
      (it, part) => new LiftedEvent(event, it, parts.length > 1 ? part : undefined),
    );
    return only ? lifted.filter(({ type }) => only.includes(type)) : lifted;
  };
}

type Part = Pick<DomainEvent, 'type' | 'data'>;

const PARTS = Symbol('parts');

/** What only the runtime's own code gets, which changes none of it, is read once for all its consumers. */
function partsOf(definition: Aggregate, event: StoredEvent): readonly Part[] {
  if (!event.aggregate.startsWith('$')) return domainEvents({ id: event.id, definition }, event);
  // Kept on the event itself: it goes with it, and costs the collector nothing.
  const held = event as StoredEvent & { [PARTS]?: readonly Part[] };
  held[PARTS] ??= domainEvents({ id: event.id, definition }, event);
  return held[PARTS];
}

/** Hands events over as they are stored. */
export function asStored(event: StoredEvent): readonly FeedEvent[] {
  return [new UnliftedEvent(event)];
}

/** Parses what a consumer looks at; most look at the data alone. */
class LiftedEvent implements FeedEvent {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  declare readonly part?: number;
  readonly type: string;
  readonly data: unknown;
  readonly commandId: string;
  readonly #stored: StoredEvent;

  constructor(
    stored: StoredEvent,
    { type, data }: Pick<DomainEvent, 'type' | 'data'>,
    part: number | undefined,
  ) {
    this.aggregate = stored.aggregate;
    this.id = stored.id;
    this.version = stored.version;
    this.position = stored.position;
    this.type = type;
    this.data = data;
    this.commandId = stored.commandId;
    this.#stored = stored;
    if (part !== undefined) this.part = part;
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.#stored.metadata) as Record<string, unknown>;
  }

  get occurredAt(): Date {
    return new Date(this.#stored.occurredAt);
  }

  get recordedAt(): Date {
    return new Date(this.#stored.recordedAt);
  }

  get eventId(): string {
    const { aggregate, id, version, part } = this;
    return eventId(aggregate, id, version) + (part ? `.${part}` : '');
  }
}

/** Parses nothing that nobody looks at. */
class UnliftedEvent implements FeedEvent {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly type: string;
  readonly commandId: string;
  readonly #stored: StoredEvent;

  constructor(stored: StoredEvent) {
    this.aggregate = stored.aggregate;
    this.id = stored.id;
    this.version = stored.version;
    this.position = stored.position;
    this.type = stored.type;
    this.commandId = stored.commandId;
    this.#stored = stored;
  }

  get data(): unknown {
    return JSON.parse(this.#stored.data);
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.#stored.metadata) as Record<string, unknown>;
  }

  get occurredAt(): Date {
    return new Date(this.#stored.occurredAt);
  }

  get recordedAt(): Date {
    return new Date(this.#stored.recordedAt);
  }

  get eventId(): string {
    return eventId(this.aggregate, this.id, this.version);
  }
}
