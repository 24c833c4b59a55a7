import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Aggregate, type AggregateTypes, isAggregate } from '../aggregate/define-aggregate.js';
import { invalid } from '../aggregate/expectations.js';

import { oneOf } from '../internal/nearest.js';
import { checkedAnswer, type FeedEvent, type Filter } from './subscription.js';

/** Some events of an aggregate. Made by `only`. */
export interface Selection<
  Types extends AggregateTypes = AggregateTypes,
  Type extends string = string,
> {
  readonly kind: 'selection';
  readonly definition: Aggregate;
  readonly events: readonly Type[];
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** What a view, a projection or a handler listens to: all events of an aggregate, or `only` some. */
export type Source = Aggregate | Selection;

/**
 * Listens to these events of an aggregate only; the others are not even read.
 *
 * @example
 * on: [account, only(transfer, 'booked', 'reversed')]
 */
export function only<
  Types extends AggregateTypes,
  const Type extends keyof Types['events'] & string,
>(definition: Aggregate<Types>, ...events: readonly [Type, ...Type[]]): Selection<Types, Type> {
  // Its types live only in `types`, which is never set.
  return { kind: 'selection', definition: definition as unknown as Aggregate, events };
}

/** One event of an aggregate, as it is handed to views, projections and handlers. */
export type EventNamed<
  Types extends AggregateTypes,
  Type extends keyof Types['events'] & string,
> = {
  readonly [Name in Type]: Omit<FeedEvent, 'aggregate' | 'type' | 'data'> & {
    /** Name of the aggregate in code. */
    readonly aggregate: Types['name'];
    readonly type: Name;
    readonly data: StandardSchemaV1.InferOutput<Types['events'][Name]>;
  };
}[Type];

/** The events of what is listened to, told apart by `type`, and by `aggregate` where there are several. */
export type EventOn<Sources extends readonly Source[]> = Sources[number] extends infer One
  ? One extends Selection<infer Types, infer Type>
    ? EventNamed<Types, Type & keyof Types['events'] & string>
    : One extends Aggregate<infer Types>
      ? EventNamed<Types, keyof Types['events'] & string>
      : never
  : never;

/** One event of an aggregate as its constructor takes it, for tests. */
type GivenNamed<Types extends AggregateTypes, Type extends keyof Types['events'] & string> = {
  readonly [Name in Type]: {
    readonly aggregate?: Types['name'];
    readonly type: Name;
    readonly data: StandardSchemaV1.InferInput<Types['events'][Name]>;
  };
}[Type];

/** Any event of what is listened to, as its constructor takes it. */
export type GivenOn<Sources extends readonly Source[]> = Sources[number] extends infer One
  ? One extends Selection<infer Types> | Aggregate<infer Types>
    ? GivenNamed<Types, keyof Types['events'] & string>
    : never
  : never;

/** What is listened to of one aggregate. */
export interface Listening {
  readonly definition: Aggregate;
  /** Today's names; `undefined` for all. */
  readonly events: ReadonlySet<string> | undefined;
  /** Which of those it takes; all without it. */
  readonly where?: (event: FeedEvent) => boolean;
}

/** What further restricts which events are listened to. */
export interface Restriction<Sources extends readonly Source[]> {
  /**
   * Which of the events of `on` it takes; the others leave no trace. Pure. Runs after types were sorted out
   * by the database, on each event that is read. Functions cannot be compared: raise `version` when it
   * changes, or what was handled before stays as it is. One that throws, or gives anything but a boolean,
   * fails the event.
   */
  readonly where?: (event: EventOn<Sources>) => boolean;
}

/** By name in the log. Throws `InvalidDefinition`. */
export function resolveSources(
  where: string,
  sources: readonly Source[],
  predicate?: unknown,
): ReadonlyMap<string, Listening> {
  if (!Array.isArray(sources) || sources.length === 0)
    throw invalid(where, 'on', 'a list of aggregates, or of only(aggregate, ...)', typeof sources);
  if (predicate !== undefined && typeof predicate !== 'function')
    throw invalid(where, 'where', 'a function', typeof predicate);
  const listening = new Map<string, Listening>();
  for (const [i, source] of (sources as readonly Source[]).entries()) {
    const one = resolveSource(where, `on[${i}]`, source);
    const { name, storedAs } = one.definition;
    if (listening.has(storedAs)) throw invalid(where, `on[${i}]`, 'each aggregate once', name);
    listening.set(storedAs, predicate ? { ...one, where: checked(where, predicate) } : one);
  }
  return listening;
}

function checked(where: string, predicate: unknown): (event: FeedEvent) => boolean {
  // It is handed events of what it listens to; what it gives is seen when it has given it.
  const ask = predicate as (event: FeedEvent) => unknown;
  return (event) => checkedAnswer(where, ask(event));
}

function resolveSource(where: string, field: string, source: Source): Listening {
  if (isAggregate(source)) return { definition: source, events: undefined };
  const { kind, definition, events } = (source ?? {}) as Partial<Selection>;
  if (kind !== 'selection' || !isAggregate(definition))
    throw invalid(where, field, 'an aggregate, or only(aggregate, ...)', typeof source);
  const names = [...definition.codecs.keys()];
  for (const name of events ?? []) {
    if (!names.includes(name))
      throw invalid(where, field, `events of ${definition.name}: ${oneOf(names, name)}`, name);
  }
  return { definition, events: new Set(events) };
}

/** The filter of a subscription to what is listened to. */
export function filterOf(listening: ReadonlyMap<string, Listening>): Filter {
  const types: Record<string, readonly string[]> = {};
  for (const [storedAs, { events }] of listening) if (events) types[storedAs] = [...events].sort();
  return { aggregates: [...listening.keys()].sort(), types };
}

/** The event as the domain knows it; `undefined` if it is not listened to. */
export function heard<Event>(
  listening: ReadonlyMap<string, Listening>,
  event: FeedEvent,
): Event | undefined {
  const one = listening.get(event.aggregate);
  if (!one || (one.events && !one.events.has(event.type))) return undefined;
  const { name } = one.definition;
  const known = name === event.aggregate ? event : renamed(event, name);
  if (one.where && !one.where(known)) return undefined;
  // It was read by the definition that these types stand for.
  return known as Event;
}

/** Field by field: events of a feed parse some of them only when they are asked for. */
function renamed(event: FeedEvent, aggregate: string): FeedEvent {
  const { id, version, position, part, type, data, metadata } = event;
  const { commandId, occurredAt, recordedAt, eventId } = event;
  return {
    ...{ aggregate, id, version, position, type, data, metadata },
    ...{ commandId, occurredAt, recordedAt, eventId },
    ...(part !== undefined && { part }),
  };
}
