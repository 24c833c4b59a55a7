import type { ShardInspection } from '../../inspection/shard-view.js';
import type { HistogramReading } from '../../telemetry/histogram.js';
import { countsOf } from '../inspection/sagas.js';
import { shownSubscription, subscriptionsOf } from '../inspection/subscriptions.js';
import { invalidQuery, onlyKnown } from '../query-values.js';
import type { Route, RouteSetup } from '../routes.js';
import type { LiveClient } from './live-client.js';
import { Topic, type TopicListener } from './topic.js';

const FAST_MS = 1000;
/** Counting is work for the database. */
const SLOW_MS = 5000;
const TOPICS = ['shard', 'subscription', 'saga'];

/** Changes of shards, subscriptions and sagas. */
export function changeStreamRoutes(setup: RouteSetup): readonly Route[] {
  const topics = topicsOf(setup);
  return [
    {
      method: 'GET',
      path: '/inspect/live',
      target: () => ({ kind: 'inspect' }),
      handle(call) {
        onlyKnown(call.query, ['topic']);
        const wanted = call.query.getAll('topic');
        const stranger = wanted.find((name) => !TOPICS.includes(name));
        if (stranger !== undefined)
          throw invalidQuery('topic', `one of ${TOPICS.join(', ')}`, stranger);
        const own = topics.filter(({ event }) => wanted.length === 0 || wanted.includes(event));
        return setup.live.reply(call, (client) => watch(client, own));
      },
    },
  ];
}

function topicsOf(setup: RouteSetup): readonly Topic[] {
  const { runtime, options } = setup;
  return [
    new Topic('shard', FAST_MS, async () => {
      const shards = await runtime.inspect.shards();
      return new Map(shards.map((one) => [String(one.shard), briefly(one)]));
    }),
    new Topic('subscription', FAST_MS, async () => {
      const all = await subscriptionsOf(setup);
      return new Map(all.map((one) => [one.name, shownSubscription(options.redact, one)]));
    }),
    new Topic('saga', SLOW_MS, async () => {
      const sagas = [...runtime.definitions.sagas.values()];
      const counted = sagas.map(async (saga) => {
        const { name } = saga;
        return [name, { name, instances: await countsOf(setup, saga) }] as const;
      });
      return new Map(await Promise.all(counted));
    }),
  ];
}

/** Without slices, and without buckets. */
function briefly({
  slices: _,
  sliceCommands: __,
  commandDuration,
  commitLatency,
  eventLoopDelay,
  ...shard
}: ShardInspection): object {
  return {
    ...shard,
    commandDuration: quantiles(commandDuration),
    commitLatency: quantiles(commitLatency),
    eventLoopDelay: quantiles(eventLoopDelay),
  };
}

function quantiles({ buckets: _, ...reading }: HistogramReading): object {
  return reading;
}

/** A client without room is told `reset`, and everything anew once it has taken that. */
function watch(client: LiveClient, topics: readonly Topic[]): void {
  let isBehind = false;
  const listener: TopicListener = {
    changed(event, _name, value) {
      if (isBehind && client.isIdle) {
        isBehind = false;
        for (const topic of topics) topic.tellAll(listener);
      } else if (!isBehind && !client.offer({ event, data: value })) {
        isBehind = true;
        client.reset({ event: 'reset', data: { reason: 'slow' } });
      }
    },
  };
  const leave = topics.map((topic) => topic.join(listener));
  client.gone.addEventListener('abort', () => {
    for (const end of leave) end();
  });
}
