import type { StandardSchemaV1 } from '@standard-schema/spec';

/** What an upcaster may know of the stored event beside its data. */
export interface UpcastInfo {
  /** Id of the aggregate instance. */
  readonly id: string;
  /** Version of the stream at which the event stands. */
  readonly version: number;
  /** Schema version with which it is stored. */
  readonly schemaVersion: number;
  /** When it happened in the domain. */
  readonly occurredAt: Date;
}

/** One of the events that a stored one reads as. */
export interface EventPart {
  /** Name of an event of the same aggregate. */
  readonly type: string;
  /** Its data as it would be stored: JSON. */
  readonly data: unknown;
  /** Schema version of `data`, from which it is lifted further. Default 1, so that it stays true when the event evolves. */
  readonly version?: number;
}

/** Reads one stored event as none, one or several. Made by `split` or `drop`. */
export interface Split {
  readonly kind: 'split';
  readonly into: (data: never, info: UpcastInfo) => readonly EventPart[];
}

/**
 * Lifts the data of one schema version to the next: JSON to JSON, pure. Annotate its parameter with the
 * old shape. Or `drop`, or `split(...)`: what they give is not lifted by the steps that follow.
 */
export type Upcast = ((data: never, info: UpcastInfo) => unknown) | Split;

/** Leaves a stored event out. It still counts in the version of its stream. */
export const drop: Split = { kind: 'split', into: () => [] };

/**
 * Reads a stored event as several, in the order given; none leaves it out. They share the version and the
 * position of the stored one.
 *
 * @example
 * retired: {
 *   moved: split((data: { street: string; phone: string }) => [
 *     { type: 'addressChanged', data: { street: data.street } },
 *     { type: 'phoneChanged', data: { phone: data.phone } },
 *   ]),
 * }
 */
export function split<Data>(into: (data: Data, info: UpcastInfo) => readonly EventPart[]): Split {
  return { kind: 'split', into };
}

/** What `event` takes. */
export interface EventOptions<Schema extends StandardSchemaV1, Stored> {
  /** What `decide` may make and `evolve` gets; checked once, when the event is stored. */
  readonly schema: Schema;
  /** Schema version with which it is stored from now on. A whole number from 1; default 1. */
  readonly version?: number;
  /** One step for each older version: `upcast[1]` lifts version 1 to 2, and so on, without a gap. */
  readonly upcast?: Readonly<Record<number, Upcast>>;
  /** Makes the stored shape, JSON, of what the schema gives. Goes with `decode`. Default: they are the same. */
  readonly encode?: (data: StandardSchemaV1.InferOutput<Schema>) => Stored;
  /** The inverse of `encode`; `evolve` gets its result, live as replayed. Gets data of the current version. */
  readonly decode?: (stored: Stored) => StandardSchemaV1.InferOutput<Schema>;
  /** Other names under which it may stand in the log, with the same versions. */
  readonly formerly?: readonly string[];
}

declare const eventBrand: unique symbol;

/** An event declared with `event(...)`. */
export interface EventDeclaration<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  readonly kind: 'event';
  readonly schema: Schema;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
  readonly encode: ((data: never) => unknown) | undefined;
  readonly decode: ((stored: never) => unknown) | undefined;
  readonly formerly: readonly string[];
  readonly [eventBrand]?: true;
}

/** An event's declaration: its schema (version 1, stored as it is), or `event(...)`. */
export type EventSpec = StandardSchemaV1 | EventDeclaration;

/** Events as declared, by name. */
export type EventSpecs = Readonly<Record<string, EventSpec>>;

/**
 * Declares an event that has changed since it was first stored, or is stored in another shape.
 *
 * @example
 * opened: event({
 *   schema: z.object({ owner: z.string(), at: z.date() }),
 *   version: 2,
 *   upcast: { 1: (data: { owner: string }) => ({ ...data, at: '1970-01-01T00:00:00.000Z' }) },
 *   encode: (data) => ({ ...data, at: data.at.toISOString() }),
 *   decode: (stored) => ({ ...stored, at: new Date(stored.at) }),
 *   formerly: ['created'],
 * })
 */
export function event<Schema extends StandardSchemaV1, Stored = unknown>(
  options: EventOptions<Schema, Stored>,
): EventDeclaration<Schema> {
  const { schema, version = 1, upcast = {}, encode, decode, formerly = [] } = options;
  return { kind: 'event', schema, version, upcast, encode, decode, formerly };
}

/** The schema in an event's declaration. */
export type EventSchemaOf<Spec> = Spec extends {
  readonly kind: 'event';
  readonly schema: infer Schema extends StandardSchemaV1;
}
  ? Schema
  : Spec extends StandardSchemaV1
    ? Spec
    : never;

/** The schemas of declared events. */
export type EventSchemasOf<Events extends EventSpecs> = {
  readonly [Type in keyof Events]: EventSchemaOf<Events[Type]>;
};

export function isSplit(upcast: unknown): upcast is Split {
  return typeof upcast === 'object' && upcast !== null && (upcast as Split).kind === 'split';
}
