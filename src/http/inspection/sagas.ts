import { oneOf } from '../../internal/nearest.js';
import type { Saga } from '../../saga/saga.js';
import type { SagaQuery, SagaStep } from '../../saga/saga-client.js';
import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, given, pageAfter, storable, wordOf } from './asked.js';
import { sagaShown } from './saga-shown.js';

const STATUSES = ['new', 'active', 'parked', 'done', 'cancelled'] as const;
const SORTS = ['key', 'status', 'value', 'nextDue', 'startedAt', 'time'] as const;
const OF_ONE = ({ saga = '', id = '' }) => ({ kind: 'inspect', saga, id }) as const;

/** Sagas, their instances and what became of these. */
export function sagaRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/inspect/sagas', target: () => ({ kind: 'inspect' }) },
      handle: (call) => sagas(setup, call),
    },
    {
      method: 'GET',
      path: '/inspect/sagas/:saga',
      target: ({ saga = '' }) => ({ kind: 'inspect', saga }),
      handle: (call) => instances(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/sagas/:saga/:id', target: OF_ONE },
      handle: (call) => instance(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/sagas/:saga/:id/history', target: OF_ONE },
      handle: (call) => history(setup, call),
    },
  ];
}

/** The saga of a name. Throws 404. */
export function sagaNamed({ runtime }: RouteSetup, name: string): Saga {
  const { sagas: known } = runtime.definitions;
  const found = known.get(name);
  if (found) return found;
  const expected = known.size === 0 ? 'none' : oneOf([...known.keys()], name.slice(0, 100));
  const shown = JSON.stringify(name.slice(0, 100));
  throw notFound('UnknownSaga', `There is no saga ${shown}: expected ${expected}`);
}

/** Number of instances by status, a moment behind the log. */
export async function countsOf(
  { runtime }: Pick<RouteSetup, 'runtime'>,
  saga: Saga,
): Promise<Readonly<Record<string, number>>> {
  const client = runtime.saga(saga);
  const counts = STATUSES.slice(1).map(async (status) => [status, await client.count({ status })]);
  return Object.fromEntries(await Promise.all(counts)) as Record<string, number>;
}

async function sagas(setup: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, ['prefix', 'after', 'limit']);
  const { prefix = '', after = '' } = given(call.query, ['prefix', 'after']);
  const limit = wholeOf(call.query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const wanted = [...setup.runtime.definitions.sagas.values()]
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, next } = pageAfter(wanted, limit, ({ name }) => name);
  const shown = items.map(async (saga) => ({
    ...{ name: saga.name, version: saga.version, time: saga.time },
    instances: await countsOf(setup, saga),
  }));
  return json({ items: await Promise.all(shown), next });
}

async function instances(setup: RouteSetup, call: Call): Promise<Reply> {
  const saga = sagaNamed(setup, call.param('saga'));
  const page = await asked(setup.runtime.saga(saga).list(toQuery(call.query)));
  const items = page.items.map((item) => sagaShown(setup.options.redact, saga, item));
  return json({ items, next: page.next });
}

function toQuery(query: URLSearchParams): SagaQuery {
  onlyKnown(query, ['status', 'value', 'sort', 'order', 'after', 'limit']);
  const status = wordOf(query, 'status', STATUSES);
  const sort = wordOf(query, 'sort', SORTS);
  const order = wordOf(query, 'order', ['asc', 'desc']) ?? 'asc';
  const { value, after } = given(query, ['value', 'after']);
  const where = { ...(status && { status }), ...(value !== undefined && { value }) };
  return {
    limit: wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 }),
    ...(Object.keys(where).length > 0 && { where }),
    ...(sort && sort !== 'key' && { orderBy: { [sort]: order } }),
    ...(after !== undefined && { after }),
  };
}

async function instance(setup: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, []);
  const saga = sagaNamed(setup, call.param('saga'));
  const id = storable('id', call.param('id'));
  const found = await setup.runtime.saga(saga).get(id);
  if (!found) throw notFound('SagaNotFound', `Saga ${saga.name} has no instance ${id}`);
  return json(sagaShown(setup.options.redact, saga, found));
}

async function history(setup: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['after', 'limit']);
  const after = wholeOf(query, 'after', { fallback: 0 });
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const saga = sagaNamed(setup, call.param('saga'));
  const id = storable('id', call.param('id'));
  const steps: SagaStep[] = [];
  for await (const step of setup.runtime.saga(saga).history(id, { after })) {
    steps.push(step);
    if (steps.length > limit) break;
  }
  const { items, next } = pageAfter(steps, limit, ({ step }) => step);
  const what = { kind: 'sagaStep', saga: saga.name, id } as const;
  const shown = items.map(({ recordedAt, ...step }) =>
    setup.options.redact({ ...step, recordedAt: recordedAt.getTime() }, what),
  );
  return json({ items: shown, next });
}
