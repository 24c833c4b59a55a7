import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { SetupError } from '../messages/errors.js';
import type { HttpEnv } from './call.js';
import { dashboardRoutes } from './dashboard/dashboard-routes.js';
import { documentRoutes } from './documents/document-routes.js';
import { commandRoutes } from './domain/commands.js';
import { eventRoutes } from './domain/events.js';
import { outcomeRoutes } from './domain/outcomes.js';
import { stateRoutes } from './domain/state.js';
import { viewRoutes } from './domain/views.js';
import { healthRoutes } from './health.js';
import { type HttpOptions, resolveHttp } from './http-options.js';
import { inspectionRoutes } from './inspection/inspection-routes.js';
import { LiveStreams } from './live/live-streams.js';
import { metricsRoutes } from './metrics.js';
import { type RouteSetup, register, unknownRoute } from './routes.js';
import type { RuntimeView } from './runtime-view.js';
import { UnknownOutcomes } from './unknown-outcomes.js';

/** A runtime over HTTP. */
export interface Http {
  /** A hono app: mount it with `route`, or hand its `fetch` to a server that speaks fetch. */
  readonly app: Hono<HttpEnv>;
  /** For node:http, and for Express: `app.use('/troupe', http.nodeListener)`, before or after `express.json()`. */
  readonly nodeListener: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  /** Ends the live streams that are open, before a server is closed: they would keep it open. */
  readonly endLive: () => void;
}

/** Words that stand where the names of aggregates do. */
const RESERVED = ['views', 'commands'];

/**
 * Puts a runtime on HTTP: the domain API generated from its definitions, its documents, the inspection, health
 * and metrics. Commands, and what operators do, are off unless switched on. Without `authorize` and `token`, only requests from this machine are
 * answered. Throws `SetupError` for options, and for an aggregate whose name is a route.
 *
 * @example
 * const http = createHttp(runtime, { commands: true, token: process.env.API_TOKEN });
 * createServer(http.nodeListener).listen(8080);
 */
export function createHttp(runtime: RuntimeView, options: HttpOptions = {}): Http {
  const resolved = resolveHttp(options);
  const taken = RESERVED.find((name) => runtime.definitions.aggregates.has(name));
  if (taken !== undefined)
    throw new SetupError(
      'ReservedName',
      `An aggregate over HTTP cannot be named ${taken}: /api/${taken} is a route of its own`,
      { name: taken },
    );
  const live = new LiveStreams();
  const setup = { runtime, options: resolved, unknown: new UnknownOutcomes(), live };
  const app = new Hono<HttpEnv>();
  const routed = resolved.basePath === '' ? app : app.basePath(resolved.basePath);
  register(routed, setup, routesOf(setup));
  app.notFound((context) => unknownRoute(setup, context));
  return { app, nodeListener: listenerOf(app), endLive: () => live.end() };
}

/** The globals of the process are left as they are. */
function listenerOf(app: Hono<HttpEnv>): Http['nodeListener'] {
  const listener = getRequestListener(
    (request, { incoming, outgoing }) => app.fetch(request, { incoming, direct: outgoing }),
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

/** Those whose path begins with a word come before those that begin with a name. */
function routesOf(setup: RouteSetup): Parameters<typeof register>[2] {
  return [
    ...healthRoutes(setup),
    ...metricsRoutes(setup),
    ...dashboardRoutes(setup),
    ...documentRoutes(setup),
    ...inspectionRoutes(setup),
    ...outcomeRoutes(setup),
    ...viewRoutes(setup),
    ...commandRoutes(setup),
    ...eventRoutes(setup),
    ...stateRoutes(setup),
  ];
}
