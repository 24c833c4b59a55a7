import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventSpec, Split, Upcast } from './event-spec.js';

/** How one event is stored and read, worked out once per definition. */
export interface EventCodec {
  /** Name of the event, as it is stored from now on. */
  readonly type: string;
  readonly schema: StandardSchemaV1;
  /** Schema version with which it is stored. */
  readonly version: number;
  /** `steps[0]` lifts version 1 to 2, and so on. */
  readonly steps: readonly Upcast[];
  readonly encode: ((data: never) => unknown) | undefined;
  readonly decode: ((stored: never) => unknown) | undefined;
}

/** How the events of an aggregate are stored and read. */
export interface EventCodecs {
  /** Today's events, by name. */
  readonly codecs: ReadonlyMap<string, EventCodec>;
  /** What else may stand in the log: old names of today's events, and retired events. */
  readonly former: ReadonlyMap<string, EventCodec | Split>;
}

/** Works out how declared events are stored and read. The declarations have been checked. */
export function resolveEvents(
  events: Readonly<Record<string, EventSpec>>,
  retired: Readonly<Record<string, Split>>,
): EventCodecs {
  const codecs = new Map<string, EventCodec>();
  const former = new Map<string, EventCodec | Split>(Object.entries(retired));
  for (const [type, spec] of Object.entries(events)) {
    const codec = resolveEvent(type, spec);
    codecs.set(type, codec);
    if ('~standard' in spec) continue;
    for (const name of spec.formerly) former.set(name, codec);
  }
  return { codecs, former };
}

function resolveEvent(type: string, spec: EventSpec): EventCodec {
  if ('~standard' in spec)
    return { type, schema: spec, version: 1, steps: [], encode: undefined, decode: undefined };
  const { schema, version, upcast, encode, decode } = spec;
  const steps = Array.from({ length: version - 1 }, (_, i) => upcast[i + 1] as Upcast);
  return { type, schema, version, steps, encode, decode };
}

/** What is stored of data that fits the event's schema; still to be made JSON text. */
export function storedShape({ encode }: EventCodec, data: unknown): unknown {
  return encode ? encode(data as never) : data;
}

/** What `evolve` and callers get of an event's JSON text, in the current stored shape. */
export function domainShape(codec: EventCodec | undefined, text: string): unknown {
  const stored: unknown = JSON.parse(text);
  return codec?.decode ? codec.decode(stored as never) : stored;
}
