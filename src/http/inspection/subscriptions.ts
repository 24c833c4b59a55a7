import type { SubscriptionInfo } from '../../dispatcher/subscriptions.js';
import { oneOf } from '../../internal/nearest.js';
import { isTroupeError } from '../../messages/errors.js';
import type { StreamName } from '../../store/stream-name.js';
import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Redact } from '../redaction.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { given, invalidBody, isText, pageAfter, storable, wordOf } from './asked.js';
import { shownError, shownParked } from './shown.js';

const STATES = [
  ...(['starting', 'standby', 'rebuilding', 'catchingUp'] as const),
  ...(['live', 'retrying', 'paused', 'stopped'] as const),
] as const;
const OF_ONE = ({ subscription = '' }) => ({ kind: 'inspect', subscription }) as const;

/** Subscriptions of the log, whichever process runs them. */
export function subscriptionRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/inspect/subscriptions', target: () => ({ kind: 'inspect' }) },
      handle: (call) => list(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/subscriptions/:subscription', target: OF_ONE },
      handle: (call) => one(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/subscriptions/:subscription/parked', target: OF_ONE },
      handle: (call) => parked(setup, call),
    },
  ];
}

/** Those of a log, by name; none where the store keeps none. */
export async function subscriptionsOf({
  runtime,
}: RouteSetup): Promise<readonly SubscriptionInfo[]> {
  try {
    // A runtime on a store without subscriptions throws at once.
    return await Promise.resolve().then(() => runtime.subscriptions());
  } catch (error) {
    if (isTroupeError(error, 'NoSubscriptions')) return [];
    throw error;
  }
}

/** A page of subscriptions by name, those that pass the filters of the query. */
export function pageOfSubscriptions(
  all: readonly SubscriptionInfo[],
  query: URLSearchParams,
): ReturnType<typeof pageAfter<SubscriptionInfo>> {
  const state = wordOf(query, 'state', STATES);
  const isParked = wordOf(query, 'parked', ['true', 'false']);
  const { prefix = '', after = '' } = given(query, ['prefix', 'after']);
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const wanted = all
    .filter((it) => state === undefined || it.state === state)
    .filter((it) => isParked === undefined || it.parked > 0 === (isParked === 'true'))
    .filter((it) => it.name.startsWith(prefix) && it.name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return pageAfter(wanted, limit, ({ name }) => name);
}

/** What such a page may be asked by. */
export const SUBSCRIPTION_FILTERS = ['state', 'parked', 'prefix', 'after', 'limit'];

/** A subscription as it leaves. */
export function shownSubscription(redact: Redact, info: SubscriptionInfo): object {
  return { ...info, error: shownError(redact, info.error, {}) };
}

async function list(setup: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, SUBSCRIPTION_FILTERS);
  const { items, ...rest } = pageOfSubscriptions(await subscriptionsOf(setup), call.query);
  const shown = items.map((info) => shownSubscription(setup.options.redact, info));
  return json({ items: shown, ...rest });
}

async function one(setup: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, []);
  const info = await subscriptionNamed(setup, call.param('subscription'));
  return json(shownSubscription(setup.options.redact, info));
}

async function parked(setup: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['aggregate', 'id', 'open', 'after', 'limit']);
  const { name } = await subscriptionNamed(setup, call.param('subscription'));
  const { aggregate, id } = given(query, ['aggregate', 'id']);
  const isOpen = wordOf(query, 'open', ['true', 'false']);
  const after = wholeOf(query, 'after', { fallback: 0 });
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const stream = aggregate !== undefined && id !== undefined ? { aggregate, id } : undefined;
  const events = await setup.runtime.parked(name, stream);
  const wanted = events
    .filter((event) => event.position > after)
    .filter((event) => aggregate === undefined || event.aggregate === aggregate)
    .filter((event) => id === undefined || event.id === id)
    .filter(
      (event) => isOpen === undefined || (event.resolved === undefined) === (isOpen === 'true'),
    );
  const { items, next } = pageAfter(wanted, limit, ({ position }) => position);
  return json({ items: items.map((event) => shownParked(setup.options.redact, event)), next });
}

/** The subscription of a name. Throws 404. */
export async function subscriptionNamed(
  setup: RouteSetup,
  name: string,
): Promise<SubscriptionInfo> {
  const all = await subscriptionsOf(setup);
  const found = all.find((info) => info.name === name);
  if (found) return found;
  const short = name.slice(0, 100);
  const names = all.map((info) => info.name);
  throw notFound(
    'UnknownSubscription',
    `There is no subscription ${JSON.stringify(short)}: expected ${oneOf(names, short)}`,
  );
}

/** The stream that a body names, by the name of its aggregate in the log. Throws 400. */
export function streamIn({ aggregate, id }: { aggregate?: unknown; id?: unknown }): StreamName {
  if (isText(aggregate) && isText(id)) return { aggregate: storable('aggregate', aggregate), id };
  throw invalidBody([
    ...(isText(aggregate) ? [] : [{ pointer: '/aggregate', message: 'expected its name' }]),
    ...(isText(id) ? [] : [{ pointer: '/id', message: 'expected its id' }]),
  ]);
}
