import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { type Frame, FrameReader } from './frames.js';

/** A TCP proxy in front of a Postgres server that sees the messages and can play a network or pooler. */
export interface ServerProxy {
  /** Connection string through the proxy. */
  readonly url: string;
  /** All messages since the last call, in the order in which they passed. */
  takeFrames(): readonly PassedFrame[];
  /** Clients that are connected. */
  clients(): number;
  /** Cuts off the clients; the server is not told, and goes on with what it has. */
  loseClients(): void;
  /** Clients that are connected hear nothing any more, as if the server had lost its power. */
  fallSilent(): void;
  /**
   * Puts another server, whose address `change` returns, behind each client's connection, as a pooler
   * does; the clients see nothing. What they have prepared is prepared there too, unless the pooler is
   * one that forgets.
   */
  swapServer(change: () => Promise<string>, pooler?: { forgets: boolean }): Promise<void>;
  close(): Promise<void>;
}

export interface PassedFrame extends Frame {
  readonly from: 'client' | 'server';
}

export async function startProxy(serverUrl: string): Promise<ServerProxy> {
  const sessions = new Set<Session>();
  let frames: PassedFrame[] = [];
  let target = new URL(serverUrl);
  const listener = createServer((socket) => {
    const { hostname, port } = target;
    const server = connect({ host: hostname, port: Number(port), noDelay: true });
    sessions.add(new Session(socket.setNoDelay(), server, (frame) => frames.push(frame)));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(serverUrl);
  url.port = String((listener.address() as { port: number }).port);
  return {
    url: url.href,
    takeFrames: () => frames.splice(0),
    clients: () => [...sessions].filter((session) => session.isOpen()).length,
    loseClients: () => {
      for (const session of sessions) session.loseClient();
    },
    fallSilent: () => {
      for (const session of sessions) session.leaveServer();
    },
    swapServer: async (change, { forgets } = { forgets: false }) => {
      for (const session of sessions) session.leaveServer();
      const next = await change();
      target = new URL(next);
      await Promise.all([...sessions].map((session) => session.enterServer(next, forgets)));
    },
    close: async () => {
      for (const session of sessions) session.destroy();
      frames = [];
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

class Session {
  private prepared: Buffer[] = [];
  private readonly reader = new FrameReader(true);

  constructor(
    private readonly client: Socket,
    private server: Socket,
    private readonly passed: (frame: PassedFrame) => void,
  ) {
    client.on('error', () => undefined).on('data', (chunk) => this.fromClient(chunk));
    client.on('end', () => this.server.end());
    this.listenTo(server);
  }

  isOpen(): boolean {
    return !this.client.destroyed && !this.client.readableEnded;
  }

  loseClient(): void {
    this.client.removeAllListeners('end').destroy();
  }

  destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }

  leaveServer(): void {
    this.server
      .removeAllListeners()
      .on('error', () => undefined)
      .destroy();
  }

  async enterServer(url: string, forgetful: boolean): Promise<void> {
    if (this.client.destroyed) return;
    if (forgetful) this.prepared = [];
    const next = await authenticated(url);
    const reader = new FrameReader(false);
    next.write(Buffer.concat([...this.prepared, Buffer.from('S\0\0\0\x04', 'latin1')]));
    for (let ready = false; !ready; ) {
      const [chunk] = (await once(next, 'data')) as [Buffer];
      ready = reader.push(chunk).some((frame) => frame.type === 'Z');
    }
    this.server = next;
    this.listenTo(next);
  }

  private fromClient(chunk: Buffer): void {
    for (const frame of this.reader.push(chunk)) {
      if (frame.type === 'P') this.prepared.push(frame.bytes);
      this.passed({ ...frame, from: 'client' });
    }
    // A server that is gone has ended its side: what comes then is lost, as on a line that breaks.
    if (this.server.writable) this.server.write(chunk);
  }

  private listenTo(server: Socket): void {
    const reader = new FrameReader(false);
    server.on('error', () => undefined);
    server.on('data', (chunk) => {
      for (const frame of reader.push(chunk)) this.passed({ ...frame, from: 'server' });
      if (!this.client.destroyed) this.client.write(chunk);
    });
    server.on('end', () => this.client.end());
  }
}

/** A connection to a server on which the log-in is done; pg does that, and then lets go of it. */
async function authenticated(url: string): Promise<Socket> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // pg still hears of those of its stream
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
  return stream;
}
