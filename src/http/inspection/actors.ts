import type { ActorsOptions } from '../../inspection/actor-list-view.js';
import type { ActorInspection } from '../../inspection/actor-view.js';
import type { Call } from '../call.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Redact } from '../redaction.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, given, pageAfter, wordOf } from './asked.js';
import { shownError } from './shown.js';

const CONDITIONS = ['running', 'blocked', 'replaced', 'stopped'] as const;
const FILTERS = ['aggregate', 'idPrefix', 'status', 'sort', 'after'] as const;

/** Shards, live actors, and one actor from inside. */
export function actorRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/inspect/shards', target: () => ({ kind: 'inspect' }) },
      handle: (call) => shards(setup, call),
    },
    {
      method: 'GET',
      path: '/inspect/actors',
      target: () => ({ kind: 'inspect' }),
      handle: (call) => actors(setup, call),
    },
    {
      method: 'GET',
      path: '/inspect/actors/:aggregate/:id',
      target: ({ aggregate = '', id = '' }) => ({ kind: 'inspect', aggregate, id }),
      handle: (call) => actor(setup, call),
    },
  ];
}

async function shards({ runtime }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['condition', 'after', 'limit']);
  const condition = wordOf(query, 'condition', CONDITIONS);
  const after = wholeOf(query, 'after', { fallback: -1 });
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const all = await runtime.inspect.shards();
  const wanted = all.filter(
    (one) => one.shard > after && (condition === undefined || one.condition === condition),
  );
  return json(pageAfter(wanted, limit, ({ shard }) => shard));
}

async function actors({ runtime }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, [...FILTERS, 'minMailbox', 'limit']);
  const options = {
    ...given(query, FILTERS),
    minMailbox: wholeOf(query, 'minMailbox', { fallback: 0 }),
    limit: wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 }),
  };
  // What is no status and no order is refused by whom it is handed to.
  const page = await asked(runtime.inspect.actors(options as ActorsOptions));
  const { actors: items, next, total, silent } = page;
  return json({ items, next, total, silent });
}

async function actor({ runtime, options }: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, []);
  const [aggregate, id] = [call.param('aggregate'), call.param('id')];
  const [found, timers] = await Promise.all([
    asked(runtime.inspect.actor(aggregate, id)),
    timersOf(runtime, aggregate, id),
  ]);
  return json({ ...shownActor(options.redact, found), timers });
}

/** Keys and times alone: what they will send is among the timers. */
async function timersOf(
  runtime: RouteSetup['runtime'],
  aggregate: string,
  id: string,
): Promise<readonly object[]> {
  const definition = runtime.definitions.aggregates.get(aggregate);
  if (!definition?.timers) return [];
  const armed = await runtime.timers({ aggregate, id });
  return armed.map(({ key, dueAt, command }) => ({
    ...{ key, dueAt: dueAt.getTime(), type: command.type },
  }));
}

function shownActor(redact: Redact, found: ActorInspection): object {
  const { aggregate, id, lastError } = found;
  return {
    ...found,
    lastError: lastError && {
      ...lastError,
      message: (
        redact(
          { message: lastError.message },
          { kind: 'failure', aggregate, id, type: lastError.type },
        ) as { readonly message: string }
      ).message,
    },
    subscriptions: found.subscriptions.map(({ parked, ...lag }) => ({
      ...lag,
      parked: parked && {
        ...parked,
        error: shownError(redact, parked.error, { aggregate, id, type: parked.type }),
      },
    })),
  };
}
