import type { Call } from '../call.js';
import type { Reply } from '../reply.js';
import { LIVE_LIMITS, LiveClient, type LiveLimits } from './live-client.js';
import type { Sink } from './sink.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Proxies that buffer would keep it all to themselves.
  'x-accel-buffering': 'no',
};

/** The live streams of a server that are open, to be ended with it. */
export class LiveStreams {
  private readonly clients = new Set<LiveClient>();

  constructor(private readonly limits: LiveLimits = LIVE_LIMITS) {}

  /** An answer that goes on until its client is gone, or `serve` ends it. */
  reply(call: Call, serve: (client: LiveClient) => void): Reply {
    if (call.method === 'HEAD') return { status: 200, headers: HEADERS, body: null };
    const stream = (sink: Sink): void => {
      const client = new LiveClient(sink, this.limits);
      if (client.gone.aborted) return;
      this.clients.add(client);
      client.gone.addEventListener('abort', () => this.clients.delete(client));
      serve(client);
    };
    return { status: 200, headers: HEADERS, body: null, stream };
  }

  /** Clients that are connected. */
  get size(): number {
    return this.clients.size;
  }

  /** Ends them all; clients come again by themselves. */
  end(): void {
    for (const client of [...this.clients]) client.end();
  }
}
