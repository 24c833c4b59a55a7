import type { JsonSchema } from './json-schema.js';
import { NUMBER, orNull, shape, TEXT, WHOLE, words } from './shapes.js';

/** Schemas of the `data` of server-sent events, by the name of the event; of components, by `$`. */
export type Frames = Readonly<Record<string, string | JsonSchema>>;

/** How a histogram is told live: without its buckets. */
const QUANTILES = shape({
  ...{ count: WHOLE, sum: NUMBER, max: NUMBER, p50: NUMBER, p90: NUMBER, p99: NUMBER },
});
/** What of a shard is long, and is told by `/inspect/shards` alone. */
const UNTOLD = ['slices', 'sliceCommands'];
const HISTOGRAMS = ['commandDuration', 'commitLatency', 'eventLoopDelay'];
const RESET = { reason: words('slow') };
const TOPIC = words('shard', 'subscription', 'saga');

/** Of the log as it grows: an event has its position as its id. */
export const LOG_FRAMES: Frames = {
  event: '$StoredEvent',
  reset: shape({ ...RESET, missedAfter: orNull(WHOLE) }),
};

/** Of what changes. */
export const CHANGE_FRAMES: Frames = {
  shard: '$LiveShard',
  subscription: '$Subscription',
  saga: shape({ name: TEXT, instances: { type: 'object', additionalProperties: WHOLE } }),
  gone: shape({ what: TOPIC, name: TEXT }),
  unavailable: shape({ what: TOPIC }),
  reset: shape(RESET),
};

/** A shard as it is told live: without what does not change. */
export function liveShard(shard: JsonSchema): JsonSchema {
  const { properties, required, ...rest } = shard as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required: readonly string[];
  };
  const told = Object.entries(properties).filter(([name]) => !UNTOLD.includes(name));
  const quantiles = HISTOGRAMS.map((name) => [name, QUANTILES] as const);
  return {
    ...rest,
    required: required.filter((name) => !UNTOLD.includes(name)),
    properties: Object.fromEntries([...told, ...quantiles]),
  };
}

/** The frames of a stream: one of these each time. */
export function frameSchema(frames: Frames, schemaOf: (name: string) => JsonSchema): JsonSchema {
  const oneOf = Object.entries(frames).map(([event, data]) => ({
    type: 'object',
    required: ['event', 'data'],
    properties: {
      event: { const: event },
      ...(event === 'event' && { id: { ...TEXT, description: 'The position, for Last-Event-ID' } }),
      data: typeof data === 'string' ? schemaOf(data.slice(1)) : data,
    },
  }));
  return { description: 'A server-sent event; `data` is JSON', oneOf };
}
