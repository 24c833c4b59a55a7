import type { Aggregate } from '../../aggregate/define-aggregate.js';
import { builtInRejection } from '../../aggregate/domain-errors.js';
import type { RecordedEvent } from '../../client/recorded-event.js';
import { CommandRejected } from '../../messages/errors.js';
import type { Call } from '../call.js';
import { instantOf, onlyKnown, wholeOf } from '../query-values.js';
import { eventData, type Redact } from '../redaction.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { aggregateNamed } from './find-definition.js';

/** A request reads no more events than this, however few of them pass its filters. */
const MAX_READ = 5000;
const MAX_LIMIT = 1000;
const PARAMETERS = ['after', 'upTo', 'limit', 'type', 'since', 'until', 'correlationId'];

/** The audit log of one instance. */
export function eventRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/:aggregate/:id/events',
      target: ({ aggregate = '', id = '' }) => ({ kind: 'events', aggregate, id }),
      handle: (call) => events(setup, call),
    },
  ];
}

async function events({ runtime, options }: RouteSetup, call: Call): Promise<Reply> {
  const definition = aggregateNamed(runtime, call.param('aggregate'));
  const id = call.param('id');
  const query = toQuery(call.query);
  const page = await readPage(runtime.aggregate(definition).events(id, query), query);
  if (page.read === 0 && query.after === 0)
    throw new CommandRejected(builtInRejection(definition, 'NotFound', id));
  const items = page.items.map((event) => toItem(options.redact, definition, event));
  return json({ items, ...(page.next !== undefined && { next: page.next }) });
}

interface EventsQuery {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  isWanted(event: RecordedEvent): boolean;
}

function toQuery(query: URLSearchParams): EventsQuery {
  onlyKnown(query, PARAMETERS);
  const types = query.getAll('type');
  const since = instantOf(query, 'since') ?? Number.NEGATIVE_INFINITY;
  const until = instantOf(query, 'until') ?? Number.POSITIVE_INFINITY;
  const correlationId = query.get('correlationId');
  return {
    after: wholeOf(query, 'after', { fallback: 0 }),
    upTo: wholeOf(query, 'upTo', { fallback: Number.MAX_SAFE_INTEGER }),
    limit: wholeOf(query, 'limit', { least: 1, most: MAX_LIMIT, fallback: 100 }),
    isWanted(event) {
      const { occurredAt, metadata } = event;
      const type = (event as { readonly type?: string }).type ?? '';
      return (
        (types.length === 0 || types.includes(type)) &&
        occurredAt.getTime() >= since &&
        occurredAt.getTime() <= until &&
        (correlationId === null || metadata.correlationId === correlationId)
      );
    },
  };
}

interface EventPage {
  readonly items: readonly RecordedEvent[];
  readonly read: number;
  /** Version after which the next page begins. */
  readonly next: number | undefined;
}

/** Events of one version (one was split into several) are never put on two pages. */
async function readPage(
  stream: AsyncIterable<RecordedEvent>,
  { limit, isWanted }: EventsQuery,
): Promise<EventPage> {
  const items: RecordedEvent[] = [];
  let [read, last] = [0, 0];
  for await (const event of stream) {
    const isFull = items.length >= limit || read >= MAX_READ;
    if (isFull && event.version !== last) return { items, read, next: last };
    read += 1;
    last = event.version;
    if (isWanted(event)) items.push(event);
  }
  return { items, read, next: undefined };
}

function toItem(redact: Redact, definition: Aggregate, event: RecordedEvent): object {
  const { aggregate, id } = event;
  const typed = event as RecordedEvent & { readonly type: string; readonly data: unknown };
  return {
    ...typed,
    data: eventData(redact, definition, id, typed),
    metadata: redact(event.metadata, { kind: 'metadata', aggregate, id, type: typed.type }),
  };
}
