import type { Context, Hono } from 'hono';
import { CommandFailed, type OutcomeUnknown } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { admit } from './access.js';
import { Call, type HttpEnv, type Target } from './call.js';
import { HttpError, notFound } from './http-error.js';
import type { ResolvedHttp } from './http-options.js';
import type { LiveStreams } from './live/live-streams.js';
import { isConditional } from './preconditions.js';
import { type Failing, type ProblemAnswer, toProblem } from './problem.js';
import { deliver, type Headers, type Reply } from './reply.js';
import { traceIdOf } from './request-headers.js';
import { type Pattern, pathParams, toPattern } from './request-path.js';
import type { RuntimeView } from './runtime-view.js';
import type { UnknownOutcomes } from './unknown-outcomes.js';

/** What a group of routes is given. */
export interface RouteSetup {
  readonly runtime: RuntimeView;
  readonly options: ResolvedHttp;
  readonly unknown: UnknownOutcomes;
  readonly live: LiveStreams;
}

/** One route. `path` is hono's pattern, without optional parts. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What it answers is the same for everybody and holds no data: nobody is asked who it is. */
  readonly isPublic?: boolean;
  /** What it is about, from the parameters; `authorize` sees it. */
  target(params: Readonly<Record<string, string>>): Target;
  /**
   * For a route whose target is in its body: runs before the request is admitted, and only reads. If it
   * throws, the request is judged by `target`, and what it threw is answered if it is admitted.
   */
  prepare?(call: Call): Promise<{ readonly target: Target; readonly prepared: unknown }>;
  handle(call: Call, prepared: unknown): Reply | Promise<Reply>;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** For all that leaves: it is for the one who asked, and is what it says it is. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Registers routes; a path asked for by another method is answered 405. */
export function register(app: Hono<HttpEnv>, setup: RouteSetup, routes: readonly Route[]): void {
  for (const route of routes) {
    const pattern = toPattern(route.path);
    app.on(route.method, route.path, async (context) =>
      deliver(context, await answer(setup, route, pattern, context)),
    );
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const own = routes.filter((route) => route.path === path).map(({ method }) => method);
    const others = METHODS.filter((method) => !own.includes(method as Route['method']));
    app.on(others, path, (context) =>
      deliver(context, failed(setup, context, methodNotAllowed(own))),
    );
  }
}

/** What no route is for. */
export function unknownRoute(setup: RouteSetup, context: Context<HttpEnv>): Response {
  const { method, path } = context.req;
  const error = notFound('UnknownRoute', `There is no route ${method} ${path}`);
  return deliver(context, failed(setup, context, error));
}

/** An answer with a JSON body. */
export function json(body: unknown, status = 200, headers: Headers = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...HEADERS, ...headers }, body: JSON.stringify(body) };
}

/** An answer with a body of another type. */
export function plain(body: Reply['body'], headers: Headers): Reply {
  return { status: 200, headers: { ...HEADERS, ...headers }, body };
}

async function answer(
  setup: RouteSetup,
  route: Route,
  pattern: Pattern,
  context: Context<HttpEnv>,
): Promise<Reply> {
  let call: Call | undefined;
  let target: Target | undefined;
  try {
    call = new Call(context, pattern, pathParams(context.req.url, pattern));
    target = route.target(call.params);
    const ready = route.prepare ? await prepare(route.prepare(call)) : undefined;
    target = ready?.target ?? target;
    const action = { ...target, route: `${route.method} ${route.path}` };
    if (!route.isPublic) call.principal = await admit(setup.options.authorize, call, action);
    if (ready?.problem !== undefined) throw ready.problem;
    return await route.handle(call, ready?.prepared);
  } catch (error) {
    const at = call ?? new Call(context, pattern, {});
    return failed(setup, context, error, { call: at, target: target ?? {} });
  }
}

interface Prepared {
  readonly target?: Target;
  readonly prepared?: unknown;
  readonly problem?: unknown;
}

async function prepare(preparing: Promise<Prepared>): Promise<Prepared> {
  try {
    return await preparing;
  } catch (problem) {
    return { problem };
  }
}

interface At {
  readonly call?: Call;
  readonly target: Partial<Target>;
}

function failed(
  setup: RouteSetup,
  context: Context<HttpEnv>,
  error: unknown,
  { call, target }: At = { target: {} },
): Reply {
  const traceId = traceIdOf(call ?? new Call(context, [], {}));
  const given = problemOf(setup, error, { traceId, target, ...(call && { call }) });
  const { problem, headers } = given;
  if (problem.status === 500)
    setup.options.logger?.error(
      { traceId, method: context.req.method, path: context.req.path, err: loggable(error) },
      'a request failed',
    );
  return json(problem, problem.status, { ...headers, 'content-type': 'application/problem+json' });
}

/** The cause of a failed command is plain data already. */
function loggable(error: unknown): object {
  const plainError = toPlainError(error);
  return error instanceof CommandFailed ? { ...plainError, cause: error.cause } : plainError;
}

/** If redacting throws, what was to be redacted does not leave. */
function problemOf(
  setup: RouteSetup,
  error: unknown,
  at: At & { readonly traceId: string },
): ProblemAnswer {
  const failing = failingOf(setup, at);
  try {
    return toProblem(error, failing);
  } catch {
    return toProblem(undefined, failing);
  }
}

function failingOf(
  { options, runtime, unknown }: RouteSetup,
  { call, target, traceId }: At & { readonly traceId: string },
): Failing {
  const definition = runtime.definitions.aggregates.get(target.aggregate ?? '');
  const domain = definition?.prefix?.code ?? definition?.name;
  return {
    traceId,
    redact: options.redact,
    target: { ...target, ...(domain !== undefined && { domain }) },
    isConditional: call !== undefined && isConditional(call),
    pointer: call?.dataAt ?? '',
    resolve(error: OutcomeUnknown) {
      unknown.keep(error);
      return `${call?.base ?? ''}/api/commands/${encodeURIComponent(error.command.commandId)}`;
    },
  };
}

function methodNotAllowed(allowed: readonly string[]): HttpError {
  const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  return new HttpError('MethodNotAllowed', `This route takes ${allow.join(', ')}`, {
    status: 405,
    headers: { allow: allow.join(', ') },
  });
}
