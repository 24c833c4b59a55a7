import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { HttpEnv } from './call.js';

/** Headers of an answer, by their names in small letters. */
export type Headers = Readonly<Record<string, string>>;

/** An answer, whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/**
 * Answers. Behind our own listener it is written to the socket as it is, which halves what it costs;
 * elsewhere middleware of others may still want to see a Response.
 */
export function deliver(context: Context<HttpEnv>, { status, headers, body }: Reply): Response {
  const outgoing = (context.env as HttpEnv['Bindings'] | undefined)?.direct;
  if (!outgoing) return new Response(body, { status, headers });
  if (outgoing.headersSent || outgoing.destroyed) return RESPONSE_ALREADY_SENT;
  if (body === null) outgoing.writeHead(status, headers).end();
  else {
    const length = String(Buffer.byteLength(body));
    outgoing.writeHead(status, { ...headers, 'content-length': length }).end(body);
  }
  return RESPONSE_ALREADY_SENT;
}
