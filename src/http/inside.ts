import { Hono } from 'hono';
import { uuidv7 } from '../messages/ids.js';
import type { Authorize, RequestInfo } from './action.js';
import type { Call } from './call.js';
import { domainRoutes } from './domain/domain-routes.js';
import type { HttpEnv } from './hono-request.js';
import { badRequest } from './http-error.js';
import { type HttpOptions, resolveHttp } from './http-options.js';
import type { Incoming } from './http-request.js';
import { LiveStreams } from './live/live-streams.js';
import type { Asker, Inside, InsideAnswer, Question } from './mcp-mount.js';
import { toProblem } from './problem.js';
import { showAll } from './redaction.js';
import { register, unknownRoute } from './register.js';
import type { RouteSetup } from './routes.js';
import type { RuntimeView } from './runtime-view.js';
import { UnknownOutcomes } from './unknown-outcomes.js';

/** Headers of whoever asks that belong to what is asked. */
const PASSED_ON = ['authorization', 'host', 'x-correlation-id', 'x-request-id', 'traceparent'];
/** Those that no client can put into a path: URLs leave them out. */
const UNSAYABLE = ['', '.', '..'];

/** The domain API of a runtime, without a server. Throws `SetupError` for options. */
export function insideOf(runtime: RuntimeView, options: HttpOptions): Inside {
  const [unknown, live] = [new UnknownOutcomes(), new LiveStreams()];
  return openInside({ runtime, options: resolveHttp(options), unknown, live });
}

/** The domain API beside the routes of a server, which shares with it what it knows of unknown outcomes. */
export function openInside(setup: RouteSetup): Inside {
  const { options, runtime } = setup;
  const { info, jsonSchema, requireIdempotencyKey, redact } = options;
  const authorize = options.authorize && onBehalf(options.authorize);
  const inner = { ...setup, options: { ...options, commands: true, authorize } };
  const app = new Hono<HttpEnv>();
  register(app, inner, domainRoutes(inner));
  app.notFound((context) => unknownRoute(inner, context));
  return {
    definitions: runtime.definitions,
    about: { info, jsonSchema, requireIdempotencyKey, isRedacted: redact !== showAll },
    refuse: refusedBy,
    async ask(question, asker) {
      try {
        const { request, incoming } = toRequest(question, asker);
        const response = await app.fetch(request, { incoming });
        return { status: response.status, text: await response.text() };
      } catch (error) {
        return refusedBy(error);
      }
    },
  };
}

function refusedBy(error: unknown): InsideAnswer {
  const { problem } = toProblem(error, {
    ...{ traceId: uuidv7().replaceAll('-', ''), target: {}, isConditional: false, pointer: '' },
    redact: () => ({}),
    resolve: () => '',
  });
  return { status: problem.status, text: JSON.stringify(problem) };
}

/** What of a Node request is looked at, with its body read. */
interface InnerIncoming {
  readonly asker: Asker;
  readonly socket: { readonly remoteAddress: string | undefined };
  readonly url: string;
  readonly originalUrl: string;
  readonly readableDidRead: true;
  readonly body: unknown;
}

/** `authorize` sees the request that came from outside, and the action that is done for it. */
function onBehalf(authorize: Authorize): Authorize {
  // Only calls of `ask` come here, and their `incoming` is ours.
  const askerOf = (request: RequestInfo): Asker =>
    ((request as Call).incoming as unknown as InnerIncoming).asker;
  return (request, action) => authorize(askerOf(request), action);
}

function toRequest({ method, path, query, headers, body }: Question, asker: Asker) {
  const pathname = `/${path.map(encoded).join('/')}`;
  const pairs = (query ?? []).map(([name, value]): [string, string] => [name, value]);
  const search = pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : '';
  const request = new Request(`http://localhost${pathname}${search}`, {
    method,
    headers: { 'content-type': 'application/json', ...passedOn(asker), ...headers },
  });
  const url = pathname + search;
  const incoming: InnerIncoming = {
    ...{ asker, url, originalUrl: `${asker.base ?? ''}${url}`, readableDidRead: true },
    socket: { remoteAddress: asker.remoteAddress },
    // A text would be taken for JSON that is still to be read.
    body: typeof body === 'string' ? JSON.stringify(body) : body,
  };
  return { request, incoming: incoming as unknown as Incoming };
}

function passedOn(asker: Asker): Record<string, string> {
  const pairs = PASSED_ON.flatMap((name) => {
    const value = asker.header(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** A segment that a URL took out of the path would make it the path of another route. */
function encoded(segment: string): string {
  if (UNSAYABLE.includes(segment) || !segment.isWellFormed())
    throw badRequest('InvalidId', `${JSON.stringify(segment)} cannot be asked for as an id`);
  return encodeURIComponent(segment);
}
