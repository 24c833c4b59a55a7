import { deferred } from '../../src/internal/deferred.js';
import type { AppendResult } from '../../src/store/append.js';
import { StoreUnavailable } from '../../src/store/unavailable.js';
import type { Fault, Operation, StoreCall } from './faulty-store.js';

type Failure = Exclude<AppendResult['kind'], 'stored'>;

/** An append that fails in this way and stores nothing. */
export function fails(kind: Failure): Fault<'append'> {
  return () => Promise.resolve({ kind, cause: new Error(`injected: ${kind}`) });
}

/** The append is stored, but its answer is lost on the way back. */
export const losesAnswer: Fault<'append'> = async ({ go }) => {
  const result = await go();
  if (result.kind !== 'stored') return result;
  return { kind: 'ambiguous', cause: new Error('injected: the answer is lost') };
};

/** The statement is lost on its way: nothing is stored, and nobody knows. */
export const losesStatement = fails('ambiguous');

/** A call that the database cannot serve now. */
export const unavailable = (): Promise<never> =>
  Promise.reject(new StoreUnavailable('injected: unavailable'));

/** Holds a call back until it is released. */
export interface Held<O extends Operation> {
  readonly fault: Fault<O>;
  /** Resolves when the call is there. */
  readonly reached: Promise<StoreCall<O>>;
  /** Lets it run, or gives it another end. */
  release(end?: Fault<O>): void;
}

/** Holds back one call before it runs. */
export function hold<O extends Operation>(): Held<O> {
  const reached = deferred<StoreCall<O>>();
  const released = deferred<Fault<O>>();
  const wait = async (call: StoreCall<O>) => {
    reached.resolve(call);
    return (await released.promise)(call);
  };
  return {
    fault: wait as Fault<O>,
    reached: reached.promise,
    release: (end = (call) => call.go()) => released.resolve(end),
  };
}
