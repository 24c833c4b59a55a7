import { deferred } from '../internal/deferred.js';
import type { AppendResult } from '../store/append.js';
import type { Store } from '../store/store.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { FakeClock } from './fake-clock.js';
import type { Fault, Operation, StoreCall } from './fault-plan.js';

/** A fault that fits every operation. */
export type AnyFault = <O extends Operation>(call: StoreCall<O>) => ReturnType<Store[O]>;

/** Each way in which an append can end without being known to be stored. */
export type AppendFailure = Exclude<AppendResult['kind'], 'stored'>;

/** An append that fails in this way and stores nothing. */
export function fails(kind: AppendFailure): Fault<'append'> {
  return () => Promise.resolve({ kind, cause: new Error(`injected: ${kind}`) });
}

/** The append meets a version or key that another writer has taken; nothing is stored. */
export const conflict: Fault<'append'> = fails('conflict');

/** A call that the database cannot serve now; nothing is executed, and that is known. */
export function unavailable<O extends Operation>(call: StoreCall<O>): ReturnType<Store[O]> {
  return failure(call.operation, 'unavailable', 'unavailable');
}

/** The call is executed, but its answer is lost on the way back: the outcome is unknown. */
export function losesAnswer<O extends Operation>(call: StoreCall<O>): ReturnType<Store[O]> {
  return loseAnswer(call) as ReturnType<Store[O]>;
}

async function loseAnswer(call: StoreCall<Operation>): Promise<unknown> {
  const result = await call.go();
  // An append that stored nothing is refused before anything can be lost.
  if (call.operation === 'append' && (result as AppendResult).kind !== 'stored') return result;
  return failure(call.operation, 'ambiguous', 'the answer is lost');
}

/** The call is lost on its way: nothing is executed, but nobody knows. */
export function losesStatement<O extends Operation>(call: StoreCall<O>): ReturnType<Store[O]> {
  return failure(call.operation, 'ambiguous', 'the statement is lost');
}

/** An append never rejects, all else does. */
function failure<O extends Operation>(
  operation: O,
  kind: AppendFailure,
  why: string,
): ReturnType<Store[O]> {
  const cause = new StoreUnavailable(`injected: ${why}`);
  const end: Promise<unknown> =
    operation === 'append' ? Promise.resolve({ kind, cause }) : Promise.reject(cause);
  return end as ReturnType<Store[O]>;
}

/**
 * The call is executed after so many milliseconds: of the clock that is given, so that moving it lets
 * the call go on, else of real time.
 */
export function delay(ms: number, clock?: FakeClock): AnyFault {
  const pass = clock
    ? () => clock.wait(ms)
    : () => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return <O extends Operation>({ go }: StoreCall<O>) =>
    pass().then<unknown>(go) as ReturnType<Store[O]>;
}

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
