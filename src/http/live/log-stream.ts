import type { StartFrom } from '../../dispatcher/subscription.js';
import type { Call } from '../call.js';
import { badRequest } from '../http-error.js';
import { given } from '../inspection/asked.js';
import { shownEvent } from '../inspection/shown.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Route, RouteSetup } from '../routes.js';
import type { LiveClient } from './live-client.js';

/** A client that takes nothing for so long has its queue dropped, and goes on with what is new. */
const SLOW_MS = 5000;
const FILTERS = ['aggregate', 'id', 'type'] as const;

type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

/** The log as it grows. */
export function logStreamRoutes(setup: RouteSetup, slowMs: number = SLOW_MS): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/inspect/events/live',
      target: () => ({ kind: 'inspect' }),
      handle(call) {
        onlyKnown(call.query, [...FILTERS, 'after']);
        const filter = given(call.query, FILTERS);
        const from = startOf(call);
        return setup.live.reply(call, (client) => {
          follow(setup, client, { filter, from, slowMs }).catch((error: unknown) => {
            // The log cannot be read now: the client comes again, and goes on where it was.
            setup.options.logger?.warn({ err: error }, 'a live stream of the log has ended');
            client.end();
          });
        });
      },
    },
  ];
}

interface Following {
  readonly filter: Filter;
  readonly from: StartFrom;
  readonly slowMs: number;
}

/** Reads only as fast as the client takes it; who is stuck skips to the end of the log. */
async function follow(
  setup: RouteSetup,
  client: LiveClient,
  { filter, from, slowMs }: Following,
): Promise<void> {
  let start: StartFrom | undefined = from;
  while (start !== undefined && !client.isOver)
    start = await followFrom(setup, client, { filter, from: start, slowMs });
  client.end();
}

/** Undefined once the log is not followed any more; else where to go on. */
async function followFrom(
  { runtime, options }: RouteSetup,
  client: LiveClient,
  { filter, from, slowMs }: Following,
): Promise<StartFrom | undefined> {
  let told = from;
  for await (const event of runtime.inspect.follow({ ...filter, from, signal: client.gone })) {
    const frame = {
      ...{ id: event.position, event: 'event' },
      data: shownEvent(options.redact, event),
    };
    while (!client.offer(frame)) {
      if (client.isOver) return undefined;
      if (await client.taken(slowMs)) continue;
      const after = typeof told === 'number' ? told : null;
      client.reset({ event: 'reset', data: { reason: 'slow', missedAfter: after } });
      return 'now';
    }
    told = event.position;
  }
  return undefined;
}

/** What the client had last, then what the query asks for, else from now on. */
function startOf(call: Call): StartFrom {
  const last = call.header('last-event-id');
  if (last === undefined || last === '')
    return call.query.has('after') ? wholeOf(call.query, 'after', { fallback: 0 }) : 'now';
  const position = /^\d{1,16}$/.test(last) ? Number(last) : Number.NaN;
  if (Number.isSafeInteger(position)) return position;
  throw badRequest('InvalidHeader', 'Header Last-Event-ID: expected a position of the log');
}
