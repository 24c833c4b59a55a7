import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SetupError } from '../messages/errors.js';
import { createHttp, type Http } from './create-http.js';
import type { HttpOptions } from './http-options.js';
import { isLoopbackHost } from './loopback.js';
import type { RuntimeView } from './runtime-view.js';

/** What `serveHttp` takes. */
export interface ServeOptions extends HttpOptions {
  /** 0 for a free one. Default 8080. */
  readonly port?: number;
  /** Address to listen on. Another one than a loopback address needs `authorize` or `token`. Default 127.0.0.1. */
  readonly host?: string;
}

/** A server that runs. */
export interface HttpServer extends Pick<Http, 'app'> {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, finishes those under way, and cuts what is left after `drainMs` (default 5 000). */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** A request has to have arrived within this time: headers, and all of it. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;

/**
 * Serves a runtime over HTTP, alone. Stopping the runtime does not close it: it then answers 503, until it
 * is closed. Throws `SetupError`: `NotProtected` for an address that others can reach without `authorize`
 * and `token`, `PortInUse`, and what `createHttp` throws.
 *
 * @example
 * const server = await serveHttp(runtime, { port: 8080, commands: true });
 * console.log(`${server.url}/docs`);
 */
export async function serveHttp(
  runtime: RuntimeView,
  { port = 8080, host = '127.0.0.1', ...options }: ServeOptions = {},
): Promise<HttpServer> {
  if (!isLoopbackHost(host) && options.authorize === undefined && options.token === undefined)
    throw new SetupError(
      'NotProtected',
      `Option host of the HTTP server: ${host} can be reached from elsewhere, and everybody could read and command: expected a loopback address as 127.0.0.1, or the option authorize or token beside it`,
      { host },
    );
  const { app, nodeListener, endLive } = createHttp(runtime, options);
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS });
  server.on('request', nodeListener);
  await listen(server, port, host);
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  return {
    app,
    port: bound,
    url: `http://${name}:${bound}`,
    close({ drainMs = 5000 } = {}) {
      endLive();
      return close(server, drainMs);
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = `The HTTP server cannot listen on ${host}:${port}`;
    if (code === 'EADDRINUSE')
      throw new SetupError('PortInUse', `${what}: the port is taken`, { host, port }, error);
    throw new SetupError('NotListening', `${what}: ${String(error)}`, { host, port }, error);
  }
}

async function close(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}
