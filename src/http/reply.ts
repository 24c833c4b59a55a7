import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { HttpEnv } from './hono-request.js';
import { nodeSink, type Sink, webSink } from './live/sink.js';

/** Headers of an answer, by their names in small letters. */
export type Headers = Readonly<Record<string, string>>;

/** An answer: whole, or with `stream` one that goes on after its headers. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  /** Writes the body for as long as it likes. Never throws. */
  stream?(sink: Sink): void;
}

/**
 * Answers. Behind our own listener it is written to the socket as it is, which halves what it costs;
 * elsewhere middleware of others may still want to see a Response.
 */
export function deliver(context: Context<HttpEnv>, reply: Reply): Response {
  const { status, headers, body } = reply;
  const outgoing = (context.env as HttpEnv['Bindings'] | undefined)?.direct;
  if (!outgoing) return new Response(reply.stream ? streamed(reply) : body, { status, headers });
  writeReply(outgoing, reply);
  return RESPONSE_ALREADY_SENT;
}

/** Writes an answer to the socket, unless its client is gone. */
export function writeReply(outgoing: ServerResponse, reply: Reply): void {
  const { status, headers, body } = reply;
  if (outgoing.headersSent || outgoing.destroyed) return;
  if (reply.stream) {
    outgoing.writeHead(status, headers).flushHeaders();
    reply.stream(nodeSink(outgoing));
  } else if (body === null) outgoing.writeHead(status, headers).end();
  else {
    const length = String(Buffer.byteLength(body));
    outgoing.writeHead(status, { ...headers, 'content-length': length }).end(body);
  }
}

function streamed(reply: Reply): ReadableStream<Uint8Array> {
  const { sink, body } = webSink();
  reply.stream?.(sink);
  return body;
}
