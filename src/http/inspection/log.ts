import type { CorrelationPage } from '../../client/indexed.js';
import type { RecordedEvent } from '../../client/recorded-event.js';
import type { Call } from '../call.js';
import { aggregateNamed } from '../domain/find-definition.js';
import { invalidQuery, onlyKnown, wholeOf } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, given } from './asked.js';
import { causationTree } from './causation-tree.js';
import { shownEvent, shownRecorded } from './shown.js';

/** The log, and what is found in it by the ids of commands and correlations. */
export function logRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/inspect/events',
      target: () => ({ kind: 'inspect' }),
      handle: (call) => events(setup, call),
    },
    {
      method: 'GET',
      path: '/inspect/commands/:commandId',
      target: ({ commandId = '' }) => ({ kind: 'inspect', commandId }),
      handle: (call) => command(setup, call),
    },
    {
      method: 'GET',
      path: '/inspect/correlations/:correlationId',
      target: ({ correlationId = '' }) => ({ kind: 'inspect', correlationId }),
      handle: (call) => correlation(setup, call),
    },
  ];
}

async function events(setup: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['after', 'aggregate', 'type', 'correlation', 'limit']);
  const place = {
    after: wholeOf(query, 'after', { fallback: 0 }),
    limit: wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 }),
  };
  const correlationId = query.get('correlation');
  if (correlationId !== null) return ofCorrelation(setup, correlationId, { call, place });
  const { runtime, options } = setup;
  const filter = given(query, ['aggregate', 'type']);
  const page = await asked(runtime.inspect.events({ ...filter, ...place }));
  const items = page.events.map((event) => shownEvent(options.redact, event));
  return json({ items, next: page.next, isEnd: page.isEnd });
}

/** A page of the index, of which the filters leave what they want. */
async function ofCorrelation(
  setup: RouteSetup,
  correlationId: string,
  { call, place }: { readonly call: Call; readonly place: Place },
): Promise<Reply> {
  const { aggregate, type } = given(call.query, ['aggregate', 'type']);
  const page = await setup.runtime.correlation(correlationId, place);
  const wanted = page.events.filter(
    (event) =>
      (aggregate === undefined || event.aggregate === aggregate) &&
      (type === undefined || (event as { readonly type?: string }).type === type),
  );
  const last = page.events.at(-1)?.position ?? place.after;
  return json({
    items: wanted.map((event) => shown(setup, event)),
    ...{ next: page.next ?? last, isEnd: page.next === undefined, index: page.index },
  });
}

interface Place {
  readonly after: number;
  readonly limit: number;
}

/** With its instance and its key, one that left no events is found as well. */
async function command(setup: RouteSetup, call: Call): Promise<Reply> {
  const { runtime, options } = setup;
  const { query } = call;
  onlyKnown(query, ['aggregate', 'id', 'key']);
  const { aggregate, id, key } = given(query, ['aggregate', 'id', 'key']);
  const isWhole = aggregate !== undefined && id !== undefined && key !== undefined;
  if (!isWhole && query.size > 0)
    throw invalidQuery('The query', 'aggregate, id and key together', query.toString());
  const place = isWhole
    ? { aggregate: aggregateNamed(runtime, aggregate), id, idempotencyKey: key }
    : undefined;
  const commandId = call.param('commandId');
  const found = await runtime.command(commandId, place);
  if (found.kind === 'accepted')
    return json({ commandId, ...found, events: found.events.map((event) => shown(setup, event)) });
  if (found.kind === 'notFound') return json({ commandId, ...found });
  const { message, details, ...rejection } = found.rejection;
  const what = { kind: 'rejection', type: rejection.code, ...(isWhole && { aggregate, id }) };
  const told = options.redact({ message, details }, what as never) as object;
  return json({ commandId, ...found, rejection: { ...rejection, ...told } });
}

/** The tree is that of the page's events: what is caused across pages is a root of the later one. */
async function correlation(setup: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['after', 'limit']);
  const correlationId = call.param('correlationId');
  const page: CorrelationPage = await setup.runtime.correlation(correlationId, {
    after: wholeOf(query, 'after', { fallback: 0 }),
    limit: wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 }),
  });
  return json({
    correlationId,
    items: page.events.map((event) => shown(setup, event)),
    tree: causationTree(page.events),
    ...{ next: page.next, index: page.index },
  });
}

function shown({ runtime, options }: RouteSetup, event: RecordedEvent): object {
  const definition = runtime.definitions.aggregates.get(event.aggregate);
  return shownRecorded(options.redact, definition, event);
}
