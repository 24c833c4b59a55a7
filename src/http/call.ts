import type { Action, Principal, RequestInfo } from './action.js';
import type { HttpRequest, Incoming } from './http-request.js';
import { mountedAt, type Pattern, queryOf } from './request-path.js';

/** One request, as the handler of its route gets it. */
export class Call implements RequestInfo {
  /** Who sent it; set once it is admitted. */
  principal: Principal | undefined;
  /** W3C trace context that it belongs to, as it was sent or as a subscriber has set it. */
  traceparent: string | undefined;
  /** JSON Pointer to where in the body the data of its command is. */
  dataAt = '';

  constructor(
    private readonly request: HttpRequest,
    readonly pattern: Pattern,
    readonly params: Readonly<Record<string, string>>,
  ) {}

  get method(): string {
    return this.request.method;
  }

  get url(): string {
    return this.request.url;
  }

  /** Absent where the server is not Node's. */
  get incoming(): Incoming | undefined {
    return this.request.incoming;
  }

  /** Where `incoming` is absent. */
  get webBody(): ReadableStream<Uint8Array> | null {
    return this.request.webBody;
  }

  get remoteAddress(): string | undefined {
    return this.incoming?.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    return this.request.header(name);
  }

  /** Does its URL have a query? */
  get hasQuery(): boolean {
    return this.request.target.includes('?');
  }

  /** A parameter of the path. */
  param(name: string): string {
    return this.params[name] ?? '';
  }

  get query(): URLSearchParams {
    return queryOf(this.request.target);
  }

  /** Path under which all this is mounted, as the client sees it; empty at the root. */
  get base(): string {
    const { incoming, pattern } = this;
    const { target } = this.request;
    return mountedAt(incoming?.originalUrl ?? incoming?.url ?? target, target, pattern);
  }
}

/** What a route is about, for `authorize`: all but the route itself. */
export type Target = Omit<Action, 'route'>;
