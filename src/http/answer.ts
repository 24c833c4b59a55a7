import { CommandFailed, type OutcomeUnknown } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { requestChannel } from '../telemetry/channels.js';
import { traceRequest } from '../telemetry/trace-request.js';
import { admit } from './access.js';
import { Call, type Target } from './call.js';
import type { HttpRequest } from './http-request.js';
import { isConditional } from './preconditions.js';
import { type Failing, type ProblemAnswer, toProblem } from './problem.js';
import type { Reply } from './reply.js';
import { traceIdOf } from './request-headers.js';
import { type Pattern, pathParams, rawPath } from './request-path.js';
import { json, type Route, type RouteSetup } from './routes.js';

/** A route with its pattern, cut once. */
export interface Registered {
  readonly route: Route;
  readonly pattern: Pattern;
}

/** Answers a request for a route: whatever happens, with a reply. */
export function answer(
  setup: RouteSetup,
  registered: Registered,
  request: HttpRequest,
): Promise<Reply> {
  if (!requestChannel.hasSubscribers) return answerNow(setup, registered, request, undefined);
  const { method, path } = registered.route;
  const traceparent = request.header('traceparent');
  return traceRequest({ method, route: path, traceparent }, (trace) =>
    answerNow(setup, registered, request, trace.traceparent),
  );
}

async function answerNow(
  setup: RouteSetup,
  { route, pattern }: Registered,
  request: HttpRequest,
  traceparent: string | undefined,
): Promise<Reply> {
  let call: Call | undefined;
  let target: Target | undefined;
  try {
    call = new Call(request, pattern, pathParams(request.target, pattern));
    call.traceparent = traceparent ?? request.header('traceparent');
    target = route.target(call.params);
    const ready = route.prepare ? await prepare(route.prepare(call)) : undefined;
    target = ready?.target ?? target;
    const action = { ...target, route: `${route.method} ${route.path}` };
    if (!route.isPublic) call.principal = await admit(setup.options.authorize, call, action);
    if (ready?.problem !== undefined) throw ready.problem;
    return await route.handle(call, ready?.prepared);
  } catch (error) {
    const at = call ?? new Call(request, pattern, {});
    return failed(setup, error, { call: at, target: target ?? {} });
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
  readonly call: Call;
  readonly target: Partial<Target>;
}

/** The answer to a request that failed. */
export function failed(setup: RouteSetup, error: unknown, { call, target }: At): Reply {
  const traceId = traceIdOf(call);
  const given = problemOf(setup, error, { traceId, target, call });
  const { problem, headers } = given;
  if (problem.status === 500)
    setup.options.logger?.error(
      { traceId, method: call.method, path: rawPath(call.url), err: loggable(error) },
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
    isConditional: isConditional(call),
    pointer: call.dataAt,
    resolve(error: OutcomeUnknown) {
      unknown.keep(error);
      return `${call.base}/api/commands/${encodeURIComponent(error.command.commandId)}`;
    },
  };
}
