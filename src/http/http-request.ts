import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from './action.js';

/** A request of Node, and what a body parser before us has made of its body. */
export type Incoming = IncomingMessage & {
  readonly body?: unknown;
  /** Of Express: the URL before anything was taken off it. */
  readonly originalUrl?: string;
};

/** A request, whichever way it came. */
export interface HttpRequest extends Pick<RequestInfo, 'method' | 'url' | 'header'> {
  /** Path and query as they were sent, with or without what stands before them in a URL. */
  readonly target: string;
  /** Absent where the server is not Node's. */
  readonly incoming: Incoming | undefined;
  /** Where `incoming` is absent. */
  readonly webBody: ReadableStream<Uint8Array> | null;
}
