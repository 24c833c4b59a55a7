import type { Call, Target } from './call.js';
import type { ResolvedHttp } from './http-options.js';
import type { LiveStreams } from './live/live-streams.js';
import type { Headers, Reply } from './reply.js';
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

/** For all that leaves: it is for the one who asked, and is what it says it is. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** An answer with a JSON body. */
export function json(body: unknown, status = 200, headers: Headers = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...HEADERS, ...headers }, body: JSON.stringify(body) };
}

/** An answer with a body of another type. */
export function plain(body: Reply['body'], headers: Headers): Reply {
  return { status: 200, headers: { ...HEADERS, ...headers }, body };
}
