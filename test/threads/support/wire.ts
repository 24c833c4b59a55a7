import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { deferred } from '../../../src/internal/deferred.js';
import { type Frame, FrameReader } from '../../postgres/support/frames.js';

/** The network between runtimes and a server, and what may happen to it. */
export interface Wire {
  /** Connection string through it. */
  readonly url: string;
  /** Stops the next append that comes by, once. */
  interceptAppend(): Intercepted;
  /** Cuts all connections, and new ones at once, until it is mended. */
  cut(): void;
  /** Keeps all connections and passes nothing on, either way, as a network that lost its route. */
  freeze(): void;
  /** Ends `cut` and `freeze`; `url` if the server has another address now. */
  mend(url?: string): void;
  close(): Promise<void>;
}

/** An append on its way. */
export interface Intercepted {
  /** It is here: the server has not seen it. */
  readonly reached: Promise<void>;
  /** Passes it on; resolves with the server's answer, `stored` or an SQLSTATE, which the client does not get. */
  pass(): Promise<string>;
  /** Cuts the client's connection; what was not passed on may still be, later. */
  cut(): void;
}

const APPEND = Buffer.from('\0troupe_append_v1\0');

export async function openWire(serverUrl: string): Promise<Wire> {
  const sessions = new Set<Session>();
  const stuck = new Set<Socket>();
  let target = new URL(serverUrl);
  let state: 'whole' | 'cut' | 'frozen' = 'whole';
  let waiting: Interception[] = [];
  const listener = createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (state === 'cut') return void client.resetAndDestroy();
    if (state === 'frozen') return void stuck.add(client.pause());
    const server = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const session = new Session(client, server, () => waiting.shift());
    sessions.add(session);
    server.once('close', () => sessions.delete(session));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(serverUrl);
  url.port = String((listener.address() as { port: number }).port);
  const cutAll = () => {
    for (const client of stuck) client.resetAndDestroy();
    for (const session of sessions) session.cut();
  };
  return {
    url: url.href,
    interceptAppend() {
      const interception = new Interception();
      waiting.push(interception);
      return interception;
    },
    cut() {
      state = 'cut';
      cutAll();
    },
    freeze() {
      state = 'frozen';
      for (const session of sessions) session.freeze();
    },
    mend(next = target.href) {
      // What was frozen has been given up by a real network too.
      if (state === 'frozen') cutAll();
      target = new URL(next);
      state = 'whole';
    },
    async close() {
      state = 'cut';
      waiting = [];
      cutAll();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

class Interception implements Intercepted {
  private readonly arrival = deferred<void>();
  private readonly answer = deferred<string>();
  private session: Session | undefined;
  readonly reached = this.arrival.promise;

  arrive(session: Session): void {
    this.session = session;
    this.arrival.resolve();
  }

  answered(answer: string): void {
    this.answer.resolve(answer);
  }

  pass(): Promise<string> {
    this.session?.passHeld();
    return this.answer.promise;
  }

  cut(): void {
    this.session?.loseClient();
  }
}

class Session {
  private readonly fromClient = new FrameReader(true);
  private readonly fromServer = new FrameReader(false);
  private held: Buffer[] | undefined;
  private interception: Interception | undefined;
  private frozen = false;
  private answer = 'stored';

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly next: () => Interception | undefined,
  ) {
    server.on('error', () => client.destroy());
    client.on('data', (chunk: Buffer) => {
      for (const frame of this.fromClient.push(chunk)) this.request(frame);
    });
    server.on('data', (chunk: Buffer) => {
      if (this.interception) for (const frame of this.fromServer.push(chunk)) this.response(frame);
      else if (!this.frozen) client.write(chunk);
    });
    client.on('end', () => this.frozen || this.held || server.end());
    server.on('end', () => this.frozen || client.end());
  }

  passHeld(): void {
    for (const bytes of this.held ?? []) this.server.write(bytes);
    this.held = undefined;
  }

  /** The server is not told, and goes on with what it has. */
  loseClient(): void {
    this.client.removeAllListeners('end').resetAndDestroy();
  }

  cut(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  freeze(): void {
    this.frozen = true;
  }

  private request(frame: Frame): void {
    if (this.frozen) return;
    if (frame.type === 'B' && frame.bytes.includes(APPEND) && !this.interception) {
      this.interception = this.next();
      if (this.interception) this.held = [];
      this.interception?.arrive(this);
    }
    if (this.held) this.held.push(frame.bytes);
    else this.server.write(frame.bytes);
  }

  /** Of an intercepted append. */
  private response({ type, bytes }: Frame): void {
    if (type === 'E') this.answer = /\0C([0-9A-Z]{5})\0/.exec(bytes.toString('latin1'))?.[1] ?? '?';
    if (type === 'Z') this.interception?.answered(this.answer);
  }
}
