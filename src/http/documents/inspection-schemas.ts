import { OUTCOMES } from '../../telemetry/metrics.js';
import type { JsonSchema, SchemaBook } from './json-schema.js';
import { liveShard } from './live-frames.js';
import { ANY, FLAG, INSTANT, listOf, NUMBER, orNull, shape, TEXT, WHOLE, words } from './shapes.js';

/** What a batch on its way into the log holds. */
const BATCH = { commands: WHOLE, rows: WHOLE, bytes: WHOLE };
const STATUS = words(
  ...['recovering', 'idle', 'busy', 'committing', 'backingOff', 'quarantined'],
  ...['passivating', 'notLive', 'unknown'],
);
const STREAM = { aggregate: TEXT, id: TEXT };
const ERROR = shape({
  ...{ name: TEXT, message: TEXT, 'code?': TEXT, 'details?': ANY, 'cause?': ANY },
});
const HISTOGRAM = shape({
  ...{ count: WHOLE, sum: NUMBER, max: NUMBER, p50: NUMBER, p90: NUMBER, p99: NUMBER },
  buckets: listOf(shape({ from: NUMBER, below: NUMBER, count: WHOLE })),
});
const RUNNING = shape({ ...STREAM, type: TEXT, commandId: TEXT });
const QUARANTINE = { ...STREAM, who: TEXT, why: TEXT, since: INSTANT };
const PARKED = shape({
  ...{ subscription: TEXT, ...STREAM, version: WHOLE, position: WHOLE, type: TEXT },
  ...{ attempts: WHOLE, 'error?': ERROR, parkedAt: INSTANT, isAsked: FLAG },
  ...{ 'resolved?': words('retried', 'skipped'), 'resolvedBy?': TEXT, 'resolvedWhy?': TEXT },
  'resolvedAt?': INSTANT,
});
const SUBSCRIPTION_STATE = words(
  ...['starting', 'standby', 'rebuilding', 'catchingUp', 'live', 'retrying', 'paused', 'stopped'],
);
const SUBSCRIPTION = {
  ...{ name: TEXT, version: WHOLE, state: SUBSCRIPTION_STATE, position: WHOLE, lag: WHOLE },
  ...{ 'owner?': TEXT, attempts: WHOLE, 'error?': ERROR, parked: WHOLE, fallbacks: WHOLE },
  'rebuild?': shape({
    ...{ events: WHOLE, position: WHOLE, upTo: WHOLE, eventsPerSecond: NUMBER },
    'secondsLeft?': NUMBER,
  }),
};
const INDEX = shape({
  ...{ name: TEXT, state: SUBSCRIPTION_STATE, position: WHOLE, lag: WHOLE, parked: WHOLE },
});
const EVENT = {
  ...{ eventId: TEXT, ...STREAM, version: WHOLE, position: WHOLE, type: TEXT, data: ANY },
  ...{ commandId: TEXT, metadata: ANY, occurredAt: INSTANT, recordedAt: INSTANT },
};
const STORED_EVENT = shape({
  ...{ ...EVENT, schemaVersion: WHOLE, 'unreadable?': ERROR },
  'readsAs?': listOf(shape({ type: TEXT, data: ANY })),
});
const RECORDED_EVENT = shape({ ...EVENT, 'part?': WHOLE, 'causationId?': TEXT });
const AT_VERSION = {
  ...{ version: WHOLE, snapshotVersion: WHOLE, replayed: WHOLE },
  'event?': shape({
    ...{ type: TEXT, position: WHOLE, commandId: TEXT, occurredAt: INSTANT, recordedAt: INSTANT },
  }),
};
const SAGA_STATUS = words('new', 'active', 'parked', 'done', 'cancelled');
const SAGA = {
  ...{ id: TEXT, status: SAGA_STATUS, step: WHOLE, time: NUMBER, value: ANY, generation: WHOLE },
  machine: orNull(shape({ id: TEXT, version: WHOLE })),
  ...{ timers: listOf(ANY), commands: listOf(ANY), effects: listOf(ANY), held: listOf(ANY) },
  ...{ ignored: WHOLE, late: WHOLE, cancelling: FLAG, error: ANY },
};
const REJECTION = shape({
  ...{ code: TEXT, shortCode: TEXT, number: WHOLE, status: WHOLE, message: TEXT, details: ANY },
});

/** What is shown of shards and actors. */
const ACTORS: Readonly<Record<string, JsonSchema>> = {
  Shard: shape({
    ...{ shard: WHOLE, condition: words('running', 'blocked', 'replaced', 'stopped') },
    ...{ 'thread?': WHOLE, slices: listOf(WHOLE), sliceCommands: listOf(WHOLE) },
    ...{ actors: WHOLE, 'idleActors?': WHOLE },
    ...{ mailbox: shape({ commands: WHOLE, most: WHOLE }), inFlight: WHOLE },
    ...{ 'batch?': shape({ ...BATCH, ageMs: NUMBER }), 'uncommittedTail?': shape(BATCH) },
    ...{ phase: TEXT, 'running?': RUNNING },
    commands: shape(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, WHOLE]))),
    ...{ commandDuration: HISTOGRAM, commitLatency: HISTOGRAM, eventLoopDelay: HISTOGRAM },
    ...{ heapUsed: WHOLE, restarts: WHOLE, 'quarantined?': WHOLE },
  }),
  ListedActor: shape({
    ...{ shard: WHOLE, ...STREAM, status: STATUS, version: WHOLE, mailbox: WHOLE },
    ...{ headAgeMs: NUMBER, uncommitted: WHOLE, bytes: WHOLE },
  }),
  Actor: shape({
    ...{ ...STREAM, slice: WHOLE, 'shard?': WHOLE, status: STATUS, 'running?': RUNNING },
    stream: shape({ version: WHOLE, position: WHOLE }),
    'snapshot?': shape({
      ...{ stateVersion: WHOLE, version: WHOLE, 'takenAt?': INSTANT, bytes: WHOLE },
      ...{ eventsSince: WHOLE, 'ageMs?': NUMBER },
    }),
    'live?': shape({
      ...{ status: STATUS, version: WHOLE, position: WHOLE, decidedVersion: WHOLE },
      ...{ uncommitted: WHOLE, bytes: WHOLE, failures: WHOLE, blocked: WHOLE, 'idleMs?': NUMBER },
      mailbox: shape({ commands: WHOLE, headAgeMs: NUMBER, 'head?': TEXT }),
      'atWork?': shape({
        ...{ type: TEXT, commandId: TEXT, phase: words('deciding', 'committing') },
        ...{ ageMs: NUMBER, 'decidingMs?': NUMBER, attempts: WHOLE },
      }),
      recoveries: shape({ count: WHOLE, lastMs: NUMBER, lastEvents: WHOLE }),
    }),
    commands: listOf(
      shape({
        ...{ type: TEXT, commandId: TEXT, durationMs: NUMBER, at: INSTANT, 'code?': TEXT },
        outcome: words('accepted', 'rejected', 'refused', 'failed'),
      }),
    ),
    ...{ 'watchedSince?': INSTANT, 'quarantine?': shape(QUARANTINE) },
    'lastError?': shape({ type: TEXT, commandId: TEXT, code: TEXT, message: TEXT, at: INSTANT }),
    subscriptions: listOf(
      shape({
        ...{ subscription: TEXT, state: SUBSCRIPTION_STATE, position: WHOLE, behind: WHOLE },
        'parked?': PARKED,
      }),
    ),
    timers: listOf(shape({ key: TEXT, dueAt: INSTANT, type: TEXT })),
  }),
};

/** What is worked out from the log. */
const LOG: Readonly<Record<string, JsonSchema>> = {
  StoredEvent: STORED_EVENT,
  State: shape({ ...STREAM, state: ANY, ...AT_VERSION }),
  Diff: shape({
    ...{ ...STREAM, from: shape(AT_VERSION), to: shape(AT_VERSION), isCut: FLAG },
    changes: listOf(
      shape({
        ...{ path: TEXT, kind: words('added', 'removed', 'changed') },
        ...{ 'before?': ANY, 'after?': ANY },
      }),
    ),
  }),
  DryRun: shape({
    ...{ version: WHOLE, outcome: words('accepted', 'rejected', 'refused', 'failed') },
    'events?': listOf(shape({ type: TEXT, version: WHOLE, data: ANY })),
    ...{ 'state?': ANY, 'rejection?': REJECTION, 'code?': TEXT, 'message?': TEXT },
    ...{ 'details?': ANY, 'cause?': ERROR },
  }),
  StreamPage: shape({ items: listOf(STORED_EVENT), next: WHOLE, isEnd: FLAG }),
  LogPage: shape({
    items: listOf({ anyOf: [STORED_EVENT, RECORDED_EVENT] }),
    ...{ next: WHOLE, isEnd: FLAG, 'index?': INDEX },
  }),
  Command: shape({
    ...{ commandId: TEXT, kind: words('accepted', 'rejected', 'notFound'), index: INDEX },
    ...{ 'events?': listOf(RECORDED_EVENT), 'rejection?': REJECTION },
  }),
  Correlation: shape({
    ...{ correlationId: TEXT, items: listOf(RECORDED_EVENT), 'next?': WHOLE, index: INDEX },
    tree: listOf(
      shape({ kind: words('command', 'event'), key: TEXT, 'parent?': TEXT, depth: WHOLE }),
    ),
  }),
};

/** What follows the log, and what operators do. */
const OPERATIONS: Readonly<Record<string, JsonSchema>> = {
  Quarantine: shape(QUARANTINE),
  AuditEntry: shape({
    ...{ number: WHOLE, at: INSTANT, who: TEXT, why: TEXT, verb: TEXT, ...STREAM },
    ...{ 'result?': TEXT, 'message?': TEXT, 'finishedAt?': INSTANT },
  }),
  VerbResult: shape({
    ...{ audit: WHOLE, result: words('done', 'notLive', 'busy', 'unanswered'), message: TEXT },
  }),
  Done: shape({ result: words('done') }),
  Rebuild: shape({ result: words('done', 'started') }),
  Subscription: shape(SUBSCRIPTION),
  ParkedEvent: PARKED,
  Projection: shape({
    ...{ ...SUBSCRIPTION, kind: words('view', 'projection', 'handler') },
    ...{ lagSeconds: NUMBER, 'positionsPerSecond?': NUMBER },
  }),
  Saga: shape({
    ...{ name: TEXT, version: WHOLE, time: words('wall', 'event') },
    instances: { type: 'object', additionalProperties: WHOLE },
  }),
  SagaItem: shape({ ...SAGA, startedAt: NUMBER }),
  SagaInstance: shape({ ...SAGA, context: ANY, output: ANY }),
  SagaStep: {
    type: 'object',
    required: [
      'id',
      'step',
      'at',
      'input',
      'became',
      'status',
      'eventId',
      'position',
      'recordedAt',
    ],
    properties: { id: TEXT, step: WHOLE, at: NUMBER, input: ANY, status: SAGA_STATUS },
  },
  Machine: shape({
    ...{ saga: TEXT, version: WHOLE, id: TEXT },
    root: { $ref: '#/components/schemas/inspect.MachineState' },
  }),
  MachineState: shape({
    ...{ path: TEXT, name: TEXT, 'initial?': TEXT },
    kind: words('atomic', 'compound', 'parallel', 'final', 'history'),
    ...{ entry: listOf(TEXT), exit: listOf(TEXT), services: listOf(TEXT) },
    transitions: listOf(
      shape({
        ...{ kind: words('event', 'after', 'always', 'done', 'error'), 'on?': TEXT },
        ...{ 'delayMs?': NUMBER, 'guard?': TEXT, targets: listOf(TEXT), actions: listOf(TEXT) },
      }),
    ),
    states: listOf({ $ref: '#' }),
  }),
  Timer: shape({
    ...{ ...STREAM, key: TEXT, dueAt: INSTANT, 'failure?': ERROR },
    command: shape({ type: TEXT, data: ANY }),
  }),
};

/** The schemas of the inspection by their names, put into a document. */
export function inspectionSchemas(book: SchemaBook): (name: string) => JsonSchema {
  const live = { LiveShard: liveShard(ACTORS.Shard as JsonSchema) };
  const all = Object.entries({ ...ACTORS, ...LOG, ...OPERATIONS, ...live });
  const put = new Map(all.map(([name, schema]) => [name, book.put(`inspect.${name}`, schema)]));
  return (name) => put.get(name) ?? {};
}
