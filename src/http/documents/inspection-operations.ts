import type { JsonSchema } from './json-schema.js';
import { CHANGE_FRAMES, type Frames, LOG_FRAMES } from './live-frames.js';
import { FLAG, shape, TEXT, WHOLE, words } from './shapes.js';

/** A route of the inspection, as its document has it. */
export interface InspectionOperation {
  /** Method and path, as they are registered. */
  readonly route: string;
  readonly summary: string;
  /** Parameters of the query, beside those of paging. */
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** `next` is text, or a number. */
  readonly paged?: 'text' | 'whole';
  /** Schema of the answer, by its name; of a page, that of its items. */
  readonly answer?: string;
  /** The answer is a page, whose `items` are these. */
  readonly isPage?: boolean;
  readonly more?: Readonly<Record<string, JsonSchema>>;
  readonly body?: Readonly<Record<string, JsonSchema>>;
  readonly errors?: readonly string[];
  /** What operators do: only where that is switched on. */
  readonly isVerb?: boolean;
  /** Server-sent events: what they may be. */
  readonly frames?: Frames;
}

const ACTOR = '/inspect/actors/:aggregate/:id';
const SUBSCRIPTION = '/inspect/subscriptions/:subscription';
const SAGA = '/inspect/sagas/:saga/:id';
const OF_STREAM = ['UnknownAggregate', 'NoSuchStream', 'NoSuchVersion', 'StateTooLarge'];
const OF_LOG = ['StreamUnreadable', 'InspectionBlocked'];
const STATES = words(
  ...['starting', 'standby', 'rebuilding', 'catchingUp', 'live', 'retrying', 'paused', 'stopped'],
);
const FOLLOWERS = { state: STATES, parked: FLAG, prefix: TEXT };

const looks: readonly InspectionOperation[] = [
  {
    ...{ route: 'GET /inspect/shards', summary: 'The shards of this process' },
    query: { condition: words('running', 'blocked', 'replaced', 'stopped') },
    ...{ paged: 'whole', isPage: true, answer: 'Shard' },
  },
  {
    ...{ route: 'GET /inspect/actors', summary: 'Live actors of all shards' },
    query: {
      ...{ aggregate: TEXT, idPrefix: TEXT, minMailbox: WHOLE },
      status: words('recovering', 'idle', 'busy', 'committing', 'backingOff', 'quarantined'),
      sort: words('id', 'mailbox', 'waiting', 'uncommitted', 'bytes'),
    },
    ...{ paged: 'text', isPage: true, answer: 'ListedActor', errors: ['UnknownAggregate'] },
    more: { total: WHOLE, silent: { type: 'array', items: WHOLE } },
  },
  {
    ...{ route: `GET ${ACTOR}`, summary: 'One actor from inside, in memory or not' },
    ...{ answer: 'Actor', errors: ['UnknownAggregate'] },
  },
  {
    ...{ route: `GET ${ACTOR}/state`, summary: 'The state at a version; default: the last one' },
    ...{ query: { version: WHOLE }, answer: 'State', errors: [...OF_STREAM, ...OF_LOG] },
  },
  {
    ...{ route: `GET ${ACTOR}/diff`, summary: 'What changed from one version to a later one' },
    query: { from: WHOLE, to: WHOLE },
    ...{ answer: 'Diff', errors: [...OF_STREAM, ...OF_LOG] },
  },
  {
    ...{ route: `GET ${ACTOR}/events`, summary: 'A stream as stored, and as it reads today' },
    ...{ paged: 'whole', answer: 'StreamPage', errors: ['UnknownAggregate', ...OF_LOG] },
  },
  {
    ...{ route: `POST ${ACTOR}/dry-run`, summary: 'What a command would do, without doing it' },
    ...{ answer: 'DryRun', errors: [...OF_STREAM, ...OF_LOG, 'DryRunNeedsServices'] },
    body: { type: TEXT, 'data?': {}, 'expectedVersion?': WHOLE },
  },
  {
    ...{
      route: 'GET /inspect/quarantines',
      summary: 'Instances that an operator keeps commands from',
    },
    query: { aggregate: TEXT, idPrefix: TEXT },
    ...{ paged: 'text', isPage: true, answer: 'Quarantine' },
  },
  {
    ...{ route: 'GET /inspect/audit', summary: 'What operators did, newest first' },
    query: { aggregate: TEXT, id: TEXT },
    ...{ paged: 'whole', isPage: true, answer: 'AuditEntry', errors: ['UnknownAggregate'] },
  },
  {
    ...{ route: 'GET /inspect/subscriptions', summary: 'Every subscription of the log' },
    ...{ query: FOLLOWERS, paged: 'text', isPage: true, answer: 'Subscription' },
  },
  {
    ...{ route: `GET ${SUBSCRIPTION}`, summary: 'One subscription' },
    ...{ answer: 'Subscription', errors: ['UnknownSubscription'] },
  },
  {
    ...{ route: `GET ${SUBSCRIPTION}/parked`, summary: 'Events that failed for it, by position' },
    query: { aggregate: TEXT, id: TEXT, open: FLAG },
    ...{ paged: 'whole', isPage: true, answer: 'ParkedEvent', errors: ['UnknownSubscription'] },
  },
  {
    ...{ route: 'GET /inspect/projections', summary: 'Views, projections and handlers' },
    query: { kind: words('view', 'projection', 'handler'), ...FOLLOWERS },
    ...{ paged: 'text', isPage: true, answer: 'Projection' },
  },
  {
    ...{ route: 'GET /inspect/sagas', summary: 'Sagas, and how many instances are how far' },
    ...{ query: { prefix: TEXT }, paged: 'text', isPage: true, answer: 'Saga' },
    errors: ['ViewNotReady'],
  },
  {
    ...{
      route: 'GET /inspect/sagas/:saga',
      summary: 'Instances of a saga, a moment behind the log',
    },
    query: {
      ...{ status: words('new', 'active', 'parked', 'done', 'cancelled'), value: TEXT },
      sort: words('key', 'status', 'value', 'nextDue', 'startedAt', 'time'),
      order: words('asc', 'desc'),
    },
    ...{ paged: 'text', isPage: true, answer: 'SagaItem', errors: ['UnknownSaga', 'ViewNotReady'] },
  },
  {
    ...{ route: `GET ${SAGA}`, summary: 'One instance: its machine, timers, outstanding commands' },
    ...{ answer: 'SagaInstance', errors: ['UnknownSaga', 'SagaNotFound', 'Unavailable'] },
  },
  {
    ...{ route: `GET ${SAGA}/history`, summary: 'Each step of an instance, and what it caused' },
    ...{ paged: 'whole', isPage: true, answer: 'SagaStep', errors: ['UnknownSaga'] },
  },
  {
    ...{ route: 'GET /inspect/machines/:saga', summary: 'The machine of a saga: its states' },
    ...{ query: { version: WHOLE }, answer: 'Machine', errors: ['UnknownSaga', 'UnknownMachine'] },
  },
  {
    ...{ route: 'GET /inspect/timers', summary: 'Timers that are armed, by due time' },
    query: { aggregate: TEXT, id: TEXT, dueBefore: { type: 'string', format: 'date-time' } },
    ...{ paged: 'text', isPage: true, answer: 'Timer', errors: ['UnknownAggregate'] },
  },
  {
    ...{ route: 'GET /inspect/events', summary: 'The log, or the events of one correlation' },
    query: { aggregate: TEXT, type: TEXT, correlation: TEXT },
    ...{ paged: 'whole', answer: 'LogPage', errors: [...OF_LOG, 'NotIndexed', 'NoSubscriptions'] },
  },
  {
    ...{ route: 'GET /inspect/commands/:commandId', summary: 'What is known of a command' },
    query: { aggregate: TEXT, id: TEXT, key: TEXT },
    answer: 'Command',
    errors: [...OF_LOG, 'UnknownAggregate', 'NotIndexed', 'NoSubscriptions'],
  },
  {
    route: 'GET /inspect/correlations/:correlationId',
    summary: 'Events of a conversation, and what caused what',
    ...{ paged: 'whole', answer: 'Correlation' },
    errors: [...OF_LOG, 'NotIndexed', 'NoSubscriptions'],
  },
  {
    ...{
      route: 'GET /inspect/events/live',
      summary: 'The log as it grows, from `after` or now on',
    },
    ...{ query: { aggregate: TEXT, id: TEXT, type: TEXT, after: WHOLE }, frames: LOG_FRAMES },
    errors: ['InvalidHeader'],
  },
  {
    ...{ route: 'GET /inspect/live', summary: 'Changes of shards, subscriptions and sagas' },
    ...{ query: { topic: words('shard', 'subscription', 'saga') }, frames: CHANGE_FRAMES },
  },
];

const ACTOR_VERBS = ['passivate', 'snapshot', 'reload', 'quarantine', 'release'];
const PARKED_STREAM = { aggregate: TEXT, id: TEXT };

const verbs: readonly InspectionOperation[] = [
  ...ACTOR_VERBS.map((verb) => ({
    ...{ route: `POST ${ACTOR}/${verb}`, summary: `An operator's ${verb}`, isVerb: true },
    ...{ body: {}, answer: 'VerbResult', errors: [...OF_STREAM, ...OF_LOG] },
  })),
  ...Object.entries({
    pause: {},
    resume: { 'at?': WHOLE },
    retry: PARKED_STREAM,
    skip: PARKED_STREAM,
  }).map(([verb, body]) => ({
    ...{ route: `POST ${SUBSCRIPTION}/${verb}`, summary: `An operator's ${verb}`, isVerb: true },
    ...{ body, answer: 'Done', errors: ['UnknownSubscription', 'NotParked', 'NoSubscriptions'] },
  })),
  {
    ...{ route: `POST ${SUBSCRIPTION}/rebuild`, summary: "An operator's rebuild", isVerb: true },
    ...{ body: {}, answer: 'Rebuild' },
    errors: ['UnknownSubscription', 'NotSupported', 'NoSubscriptions'],
  },
  ...Object.entries({
    send: { event: { type: 'object', required: ['type'], properties: { type: TEXT } } },
    retry: { 'how?': words('again', 'skip', 'rerun') },
    cancel: { 'compensate?': FLAG },
  }).map(([verb, body]) => ({
    ...{ route: `POST ${SAGA}/${verb}`, summary: `An operator's ${verb}`, isVerb: true },
    ...{ body, answer: 'SagaInstance' },
    errors: ['UnknownSaga', 'SagaNotFound', 'SagaNotParked', 'Unavailable', 'Overloaded'],
  })),
];

/** Every route of the inspection. */
export const INSPECTION: readonly InspectionOperation[] = [...looks, ...verbs];

/** The body of an operation: of a verb, with who and why. */
export function bodySchema({ body = {}, isVerb }: InspectionOperation): JsonSchema {
  const text = { type: 'string', minLength: 1, maxLength: 1000 };
  const who = { ...text, description: 'Where the authorisation knows nobody; or X-Operator' };
  return shape(isVerb ? { ...body, 'who?': who, why: text } : body);
}
