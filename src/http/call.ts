import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Action, Principal, RequestInfo } from './action.js';
import { mountedAt, type Pattern, queryOf } from './request-path.js';

/** A request of Node, and what a body parser before us has made of its body. */
export type Incoming = IncomingMessage & {
  readonly body?: unknown;
  /** Of Express: the URL before anything was taken off it. */
  readonly originalUrl?: string;
};

/** What hono hands on: in Node, the request itself. */
export interface HttpEnv {
  Bindings: {
    readonly incoming?: Incoming;
    /** Behind our own listener: what is answered to, with nobody in between. */
    readonly direct?: ServerResponse;
  };
}

/** One request, as the handler of its route gets it. */
export class Call implements RequestInfo {
  /** Who sent it; set once it is admitted. */
  principal: Principal | undefined;
  /** JSON Pointer to where in the body the data of its command is. */
  dataAt = '';

  constructor(
    readonly context: Context<HttpEnv>,
    readonly pattern: Pattern,
    readonly params: Readonly<Record<string, string>>,
  ) {}

  get method(): string {
    return this.context.req.method;
  }

  get url(): string {
    return this.context.req.url;
  }

  /** Absent where the server is not Node's. */
  get incoming(): Incoming | undefined {
    return (this.context.env as HttpEnv['Bindings'] | undefined)?.incoming;
  }

  get remoteAddress(): string | undefined {
    return this.incoming?.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    return this.context.req.header(name);
  }

  /** A parameter of the path. */
  param(name: string): string {
    return this.params[name] ?? '';
  }

  get query(): URLSearchParams {
    return queryOf(this.url);
  }

  /** Path under which all this is mounted, as the client sees it; empty at the root. */
  get base(): string {
    const { incoming, url, pattern } = this;
    return mountedAt(incoming?.originalUrl ?? incoming?.url ?? url, url, pattern);
  }
}

/** What a route is about, for `authorize`: all but the route itself. */
export type Target = Omit<Action, 'route'>;
