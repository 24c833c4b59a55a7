import { Problem, send } from './api.js';
import { SseParser } from './sse-parser.js';

/*
 *   connecting --headers--> open --end or error--> lost --after retryMs, longer each time--> connecting
 *                                                     \--refused (4xx): it stays lost, with its problem
 *
 * Read with fetch, since an EventSource cannot send a token.
 */
export type StreamState = 'connecting' | 'open' | 'lost';

export interface StreamListener {
  /** `data` is parsed JSON. */
  event(name: string, data: unknown): void;
  state(state: StreamState, problem?: Problem): void;
}

const RETRY_MS = 2000;
const LONGEST_MS = 30_000;

/** Follows a stream of the server until it is closed; returns what closes it. */
export function openStream(path: string, listener: StreamListener): () => void {
  const follower = new Follower(path, listener);
  void follower.run();
  return () => follower.close();
}

class Follower {
  private readonly closed = new AbortController();
  private lastId: string | undefined;
  private retryMs = RETRY_MS;
  private failures = 0;

  constructor(
    private readonly path: string,
    private readonly listener: StreamListener,
  ) {}

  close(): void {
    this.closed.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      this.listener.state('connecting');
      const problem = await this.follow();
      if (signal.aborted) return;
      this.listener.state('lost', problem);
      if (problem && problem.status >= 400 && problem.status < 500) return;
      this.failures += 1;
      const waitMs = Math.min(LONGEST_MS, this.retryMs * 1.6 ** (this.failures - 1));
      await pause(waitMs, signal);
    }
  }

  /** Resolves when the stream has ended, with what ended it. */
  private async follow(): Promise<Problem | undefined> {
    try {
      const headers = this.lastId === undefined ? {} : { 'last-event-id': this.lastId };
      const response = await send(this.path, { headers, signal: this.closed.signal });
      this.listener.state('open');
      this.failures = 0;
      await this.read(response);
      return undefined;
    } catch (error) {
      return error instanceof Problem ? error : undefined;
    }
  }

  private async read({ body }: Response): Promise<void> {
    if (!body) return;
    const parser = new SseParser();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (const { event, data, id } of parser.push(part.value)) {
        if (id !== undefined && id !== '') this.lastId = id;
        this.listener.event(event, JSON.parse(data));
      }
      this.retryMs = parser.retryMs ?? this.retryMs;
    }
  }
}

/** Until the time has passed, the network is there again, or it is not wanted any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
