import type { Context, Hono } from 'hono';
import { answer, failed } from './answer.js';
import { Call } from './call.js';
import { HonoRequest, type HttpEnv } from './hono-request.js';
import { HttpError, notFound } from './http-error.js';
import { deliver, type Reply } from './reply.js';
import { toPattern } from './request-path.js';
import type { Route, RouteSetup } from './routes.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Registers routes; a path asked for by another method is answered 405. */
export function register(app: Hono<HttpEnv>, setup: RouteSetup, routes: readonly Route[]): void {
  for (const route of routes) {
    const registered = { route, pattern: toPattern(route.path) };
    app.on(route.method, route.path, async (context) =>
      deliver(context, await answer(setup, registered, new HonoRequest(context))),
    );
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const own = routes.filter((route) => route.path === path).map(({ method }) => method);
    const others = METHODS.filter((method) => !own.includes(method as Route['method']));
    app.on(others, path, (context) =>
      deliver(context, refused(setup, context, methodNotAllowed(own))),
    );
  }
}

/** What no route is for. */
export function unknownRoute(setup: RouteSetup, context: Context<HttpEnv>): Response {
  const { method, path } = context.req;
  const error = notFound('UnknownRoute', `There is no route ${method} ${path}`);
  return deliver(context, refused(setup, context, error));
}

function refused(setup: RouteSetup, context: Context<HttpEnv>, error: HttpError): Reply {
  const call = new Call(new HonoRequest(context), [], {});
  return failed(setup, error, { call, target: {} });
}

function methodNotAllowed(allowed: readonly string[]): HttpError {
  const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  return new HttpError('MethodNotAllowed', `This route takes ${allow.join(', ')}`, {
    status: 405,
    headers: { allow: allow.join(', ') },
  });
}
