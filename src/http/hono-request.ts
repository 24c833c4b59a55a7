import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { HttpRequest, Incoming } from './http-request.js';

/** What hono hands on: in Node, the request itself. */
export interface HttpEnv {
  Bindings: {
    readonly incoming?: Incoming;
    /** Behind our own listener: what is answered to, with nobody in between. */
    readonly direct?: ServerResponse;
  };
}

/** A request that hono has routed. */
export class HonoRequest implements HttpRequest {
  constructor(private readonly context: Context<HttpEnv>) {}

  get method(): string {
    return this.context.req.method;
  }

  get url(): string {
    return this.context.req.url;
  }

  get target(): string {
    return this.context.req.url;
  }

  get incoming(): Incoming | undefined {
    return (this.context.env as HttpEnv['Bindings'] | undefined)?.incoming;
  }

  get webBody(): ReadableStream<Uint8Array> | null {
    return this.context.req.raw.body;
  }

  header(name: string): string | undefined {
    return this.context.req.header(name);
  }
}
