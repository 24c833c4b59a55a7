import type { Operation } from '../dispatcher/subscription.js';
import type { RebuildProgress } from '../dispatcher/subscription-status.js';
import { TroupeError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { OperationNews, ToProcessor } from './processor-protocol.js';

/** How an operation is watched. */
export interface OperateOptions {
  /** Ends it; it rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Told as it goes on. */
  readonly onProgress?: (progress: RebuildProgress) => void;
}

interface UnderWay {
  readonly name: string;
  operation: Operation;
  readonly options: OperateOptions;
  deaths: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Times that the processor may end while an operation is under way. */
const MAX_DEATHS = 3;
let lastRef = 0;

/** What was asked of subscriptions, across the starts of the processor. */
export class ProcessorOperations {
  private readonly underWay = new Map<number, UnderWay>();
  private post: ((message: ToProcessor) => void) | undefined;

  /** Begins, or begins again what was under way. */
  open(post: (message: ToProcessor) => void): void {
    this.post = post;
    for (const [ref, { name, operation }] of this.underWay)
      post({ operate: { ref, name, operation } });
  }

  /** The processor has ended: what was under way goes on with the next one. */
  lost(cause: Error): void {
    this.post = undefined;
    for (const [ref, one] of this.underWay) {
      one.deaths += 1;
      if (one.deaths < MAX_DEATHS) continue;
      const message = `${one.name}: ${one.operation.kind}: the processor ended ${one.deaths} times meanwhile: ${cause.message}`;
      this.end(ref, new TroupeError('ProcessorEnded', message, { name: one.name }, cause));
    }
  }

  start(name: string, operation: Operation, options: OperateOptions): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    lastRef += 1;
    const ref = lastRef;
    const cancel = (): void => {
      this.post?.({ cancel: ref });
      this.end(ref, signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const done = new Promise<void>((resolve, reject) => {
      this.underWay.set(ref, { name, operation, options, deaths: 0, resolve, reject });
    });
    this.post?.({ operate: { ref, name, operation } });
    return done.finally(() => signal?.removeEventListener('abort', cancel));
  }

  receive({ ref, progress, ended, error }: OperationNews): void {
    const one = this.underWay.get(ref);
    if (!one) return;
    if (progress) {
      const { operation, options } = one;
      // What a handler has done is not done again if the thread dies.
      if (operation.kind === 'replay') one.operation = { ...operation, after: progress.position };
      options.onProgress?.(progress);
    }
    if (ended) this.end(ref, error && fromPlain(error));
  }

  /** Nothing is heard of them any more. */
  stop(): void {
    for (const ref of [...this.underWay.keys()])
      this.end(ref, new TroupeError('Stopping', 'The runtime is stopping'));
  }

  private end(ref: number, error: unknown): void {
    const one = this.underWay.get(ref);
    this.underWay.delete(ref);
    if (error === undefined) one?.resolve();
    else one?.reject(error);
  }
}

function fromPlain({ code, name, message, details, cause }: PlainError): TroupeError {
  return new TroupeError(code ?? name, message, details ?? {}, cause);
}
