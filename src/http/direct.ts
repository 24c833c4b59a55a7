import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer } from './answer.js';
import type { HttpRequest, Incoming } from './http-request.js';
import { NodeRequest } from './node-request.js';
import { writeReply } from './reply.js';
import { type Pattern, rawPath, toPattern } from './request-path.js';
import type { Route, RouteSetup } from './routes.js';

/*
 * Commands come in numbers. A Request, a router and a Response for each would cost as much as all the rest, so
 * those that are written plainly go straight from Node's request to the answer of their route:
 *
 *   nodeListener --plain--> answer() --> the socket
 *        \--anything else--> the app of hono --> the same answer() --> the socket
 *
 * What is plain is judged narrowly; odd targets, hosts and bodies are judged in one place only, the app's.
 */

/** Answers a request if it can be taken directly; false if nothing was done about it. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** A body of more than this, or of untold length, has to be drained with care when nobody wants it. Bytes. */
const MAX_BYTES = 64 * 1024;
/** Nothing that URL parsing would change, but for segments that begin with a dot. */
const TARGET = /^[\w/!$&'()*+,\-.:;=@~%]+(?:\?[\w/!$&()*+,\-.:;=?@~%[\]]*)?$/;
const DOTS = /\/\.|%2e/i;
const HOST = /^[a-z0-9._-]+(?::(?:\d{1,4}|[1-5]\d{4}))?$/;

/** Takes the requests for these routes that are written plainly. */
export function directly(setup: RouteSetup, routes: readonly Route[]): Direct {
  const known = routes.map((route) => ({ route, pattern: toPattern(route.path) }));
  const { basePath } = setup.options;
  return (incoming, outgoing) => {
    const request = new NodeRequest(incoming);
    if (!isPlain(incoming, request)) return false;
    const segments = segmentsOf(request.target, basePath);
    const found = known.find(
      ({ route, pattern }) => route.method === request.method && fits(pattern, segments),
    );
    if (!found) return false;
    answer(setup, found, request)
      .then((reply) => writeReply(outgoing, reply))
      .catch(() => outgoing.destroy());
    return true;
  };
}

function isPlain(incoming: Incoming, request: HttpRequest): boolean {
  return (
    incoming.httpVersionMajor === 1 &&
    Number(incoming.headers['content-length']) <= MAX_BYTES &&
    HOST.test(request.header('host') ?? '') &&
    TARGET.test(request.target) &&
    !DOTS.test(rawPath(request.target))
  );
}

/** None if the path is not under the base. */
function segmentsOf(target: string, basePath: string): readonly string[] {
  return target.startsWith(`${basePath}/`)
    ? rawPath(target)
        .slice(basePath.length + 1)
        .split('/')
    : [];
}

function fits(pattern: Pattern, segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((name, i) => (name.startsWith(':') ? segments[i] !== '' : segments[i] === name))
  );
}
