import type { SubscriptionInfo } from '../../dispatcher/subscriptions.js';
import type { Call } from '../call.js';
import { onlyKnown } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { wordOf } from './asked.js';
import {
  pageOfSubscriptions,
  SUBSCRIPTION_FILTERS,
  shownSubscription,
  subscriptionsOf,
} from './subscriptions.js';

/** Views, projections and handlers of the domain, as they follow the log. */
export function projectionRoutes(setup: RouteSetup): readonly Route[] {
  const rates = new Rates();
  return [
    {
      ...{ method: 'GET', path: '/inspect/projections', target: () => ({ kind: 'inspect' }) },
      handle: (call) => projections(setup, rates, call),
    },
  ];
}

async function projections(setup: RouteSetup, rates: Rates, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['kind', ...SUBSCRIPTION_FILTERS]);
  const kind = wordOf(query, 'kind', ['view', 'projection', 'handler']);
  const { readers } = setup.runtime.definitions;
  const own = (await subscriptionsOf(setup)).filter(
    ({ name }) => readers.has(name) && (kind === undefined || readers.get(name) === kind),
  );
  const { items, ...rest } = pageOfSubscriptions(own, query);
  const now = performance.now();
  const shown = items.map(async (info) => ({
    ...shownSubscription(setup.options.redact, info),
    kind: readers.get(info.name),
    lagSeconds: await lagSeconds(setup, info),
    positionsPerSecond: rates.since(info, now),
  }));
  return json({ items: await Promise.all(shown), ...rest });
}

/** For how long the first event that it has not handled has been in the log, wanted or not. */
async function lagSeconds({ runtime }: RouteSetup, info: SubscriptionInfo): Promise<number> {
  if (info.lag === 0) return 0;
  const { events } = await runtime.inspect.events({ after: info.position, limit: 1 });
  const [next] = events;
  return next ? Math.max(0, (Date.now() - next.recordedAt) / 1000) : 0;
}

interface Look {
  readonly position: number;
  readonly at: number;
}

/** How fast positions rise, between one look and a later one. One entry per subscription. */
class Rates {
  private readonly looks = new Map<string, { readonly last: Look; readonly rate?: number }>();

  /** Undefined at the first look. Within a second of the last one, it is what it was then. */
  since({ name, position }: SubscriptionInfo, at: number): number | undefined {
    const before = this.looks.get(name);
    const passed = before ? (at - before.last.at) / 1000 : 0;
    if (before && passed < 1) return before.rate;
    const rate = before && Math.max(0, (position - before.last.position) / passed);
    this.looks.set(name, { last: { position, at }, ...(rate !== undefined && { rate }) });
    return rate;
  }
}
