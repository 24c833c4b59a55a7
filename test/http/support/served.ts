import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Runtime } from 'troupe';
import { type HttpServer, type ServeOptions, serveHttp } from 'troupe/http';
import { type TestRuntime, type TestRuntimeOptions, testRuntime } from 'troupe/testing';
import { onTestFinished } from 'vitest';
import { balances } from '../../../examples/bank/balances.js';
import { account } from '../../../examples/bank/domain.js';

/** What is asked. The path is sent as it is written here. */
export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown;
  /** Sent without its length, in these pieces. */
  readonly chunks?: readonly (string | Buffer)[];
}

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;
}

export type Ask = (method: string, path: string, question?: Question) => Promise<Answer>;

/** Asks a server over a socket. */
export function asker(url: string): Ask {
  return (method, path, { headers = {}, body, chunks } = {}) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const json = body !== undefined || chunks ? { 'content-type': 'application/json' } : {};
      const outgoing = request(
        { ...{ hostname, port, method, path }, headers: { ...json, ...headers } },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (part: string) => {
            text += part;
          });
          incoming.on('error', reject);
          incoming.on('end', () => resolve(toAnswer(incoming, text)));
        },
      );
      outgoing.on('error', reject);
      for (const chunk of chunks ?? []) outgoing.write(chunk);
      outgoing.end(body === undefined || isRaw(body) ? body : JSON.stringify(body));
    });
}

function isRaw(body: unknown): body is string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body);
}

function toAnswer(incoming: IncomingMessage, text: string): Answer {
  const isJson = /json/.test(incoming.headers['content-type'] ?? '');
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

let isThroughFetch = false;

/** From here on what is asked goes to the app of hono in a server of another, which is a second way in. */
export function askThroughFetch(): void {
  isThroughFetch = true;
}

/** Serves a runtime until the test is over. Commands are on. */
export async function serve(
  runtime: Runtime,
  options: ServeOptions = {},
): Promise<{ readonly ask: Ask; readonly server: HttpServer }> {
  const server = await serveHttp(runtime, { port: 0, commands: true, ...options });
  onTestFinished(() => server.close({ drainMs: 0 }));
  return { ask: asker(isThroughFetch ? await throughFetch(server) : server.url), server };
}

/** Another server, as somebody would make it who has an app of hono of his own; returns its URL. */
export async function throughFetch({ app }: Pick<HttpServer, 'app'>): Promise<string> {
  const listener = getRequestListener(
    (request, { incoming }) => app.fetch(request, { incoming: incoming as never }),
    {
      overrideGlobalObjects: false,
    },
  );
  return listening(listener);
}

/** The bank in memory, served until the test is over. */
export async function serveBank(
  options: ServeOptions = {},
  runtime: Partial<TestRuntimeOptions> = {},
): Promise<{ readonly ask: Ask; readonly troupe: TestRuntime; readonly server: HttpServer }> {
  const troupe = await testRuntime({ domain: [account, balances] as never, ...runtime });
  onTestFinished(() => troupe.stop());
  return { ...(await serve(troupe.runtime, options)), troupe };
}

/** Listens on a free port until the test is over; returns the URL. */
export async function listening(
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
): Promise<string> {
  const server: Server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const openBody = { type: 'open', data: { owner: 'mia' }, id: 'a' };
