import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitingPage } from './waiting-page.js';

/** What requests are handed to, once it is there. */
export interface Behind {
  nodeListener(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** Ends what would keep a connection open. */
  endLive(): void;
}

const HOST = '127.0.0.1';
const PORTS_TRIED = 20;
const CUT_AFTER_MS = 250;
/** Bounds of a request, as `serveHttp` has them. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000 };
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/**
 * A server on this machine alone that is up before what it serves: until then it says what is being done,
 * on a page that reloads itself.
 */
export class FrontDoor {
  readonly #server: Server = createServer(LIMITS);
  readonly #doing = new Set<string>();
  #behind: Behind | undefined;

  private constructor() {
    this.#server.on('request', (incoming, outgoing) => this.#answer(incoming, outgoing));
  }

  /** Listens on a port, the next free one if it is taken; 0 is any. */
  static async listen(port: number): Promise<FrontDoor> {
    const door = new FrontDoor();
    const wanted = Array.from({ length: PORTS_TRIED }, (_, i) => port + i);
    for (const one of [...wanted.filter((next) => next <= 65_535), 0])
      if (await isListening(door.#server, one)) break;
    return door;
  }

  /** `http://127.0.0.1:8080` */
  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Says what is being done, for whoever asks, until the promise is settled. */
  async while<Result>(what: string, done: Promise<Result>): Promise<Result> {
    this.#doing.add(what);
    try {
      return await done;
    } finally {
      this.#doing.delete(what);
    }
  }

  /** From now on requests go there. */
  open(behind: Behind): void {
    this.#behind = behind;
  }

  /** Takes nothing more, and cuts what does not end at once. */
  async close(): Promise<void> {
    this.#behind?.endLive();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), CUT_AFTER_MS);
    await closed;
    clearTimeout(cut);
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (this.#behind) return this.#behind.nodeListener(incoming, outgoing);
    const doing = [...this.#doing];
    const isPage = incoming.headers.accept?.includes('text/html') === true;
    const type = isPage ? 'text/html; charset=utf-8' : 'application/problem+json';
    outgoing.writeHead(503, { ...HEADERS, 'content-type': type, 'retry-after': '1' });
    outgoing.end(isPage ? waitingPage(doing) : JSON.stringify(problemOf(doing)));
  }
}

async function isListening(server: Server, port: number): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

function problemOf(doing: readonly string[]): object {
  return {
    ...{ type: 'about:blank', title: 'Starting', status: 503 },
    detail: doing.join(', '),
  };
}
