import type { ServerResponse } from 'node:http';

/** The client's end of an answer that goes on. */
export interface Sink {
  /** Resolves when there is room for more; false if the client is gone. One at a time. */
  write(text: string): Promise<boolean>;
  /** Aborted when the client is gone, or the answer has ended. */
  readonly gone: AbortSignal;
  end(): void;
  /** Lets go of a client that takes nothing. */
  drop(): void;
}

/** Writes to the socket itself. */
export function nodeSink(outgoing: ServerResponse): Sink {
  const gone = new AbortController();
  if (outgoing.destroyed) gone.abort();
  outgoing.once('close', () => gone.abort());
  return {
    gone: gone.signal,
    async write(text) {
      if (gone.signal.aborted) return false;
      if (!outgoing.write(text)) await eitherOf(outgoing, gone.signal);
      return !gone.signal.aborted;
    },
    end: () => void outgoing.end(),
    drop: () => void outgoing.destroy(),
  };
}

function eitherOf(outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    outgoing.on('drain', done);
    gone.addEventListener('abort', done);
    if (gone.aborted) done();
  });
}

/** For servers that speak fetch: a sink, and the body that is read from it. */
export function webSink(): { readonly sink: Sink; readonly body: ReadableStream<Uint8Array> } {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let wanted: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        wanted?.();
      },
      cancel() {
        gone.abort();
        wanted?.();
      },
    },
    { highWaterMark: 16 * 1024, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  const finish = (how: () => void): void => {
    if (!gone.signal.aborted) how();
    gone.abort();
    wanted?.();
  };
  const sink: Sink = {
    gone: gone.signal,
    async write(text) {
      if (gone.signal.aborted) return false;
      controller?.enqueue(encoder.encode(text));
      if ((controller?.desiredSize ?? 0) <= 0)
        await new Promise<void>((resolve) => {
          wanted = resolve;
        });
      return !gone.signal.aborted;
    },
    end: () => finish(() => controller?.close()),
    drop: () => finish(() => controller?.error(new Error('the client took nothing'))),
  };
  return { sink, body };
}
