import type { Store } from '../store/store.js';

/** What can be made to fail: each method of a store but `close`. */
export type Operation = Exclude<keyof Store, 'close' | 'operations'>;

/** One call of an operation that a fault has in its hands. */
export interface StoreCall<O extends Operation> {
  readonly operation: O;
  readonly args: Parameters<Store[O]>;
  /** Runs the real one. May be called later, or never. */
  go(): ReturnType<Store[O]>;
}

/** Decides what becomes of a call. */
export type Fault<O extends Operation> = (call: StoreCall<O>) => ReturnType<Store[O]>;

/** A fault and how many calls meet it. */
export interface PlannedFault<O extends Operation> {
  readonly times: number;
  readonly fault: Fault<O>;
}

/** What is to go wrong, by operation; a list is met in its order. */
export type FaultPlan = {
  readonly [O in Operation]?: PlannedFault<O> | readonly PlannedFault<O>[];
};

type Erased = (call: { operation: string; args: readonly unknown[]; go(): unknown }) => unknown;
type ErasedPlan = { readonly times: number; readonly fault: Erased };

/** The next call meets the fault. */
export function once<O extends Operation>(fault: Fault<O>): PlannedFault<O> {
  return { times: 1, fault };
}

/** The next so many calls meet the fault. */
export function times<O extends Operation>(count: number, fault: Fault<O>): PlannedFault<O> {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`times: expected a whole number of calls from 1, got ${String(count)}`);
  return { times: count, fault };
}

/** All calls meet the fault, after those that have one of their own, until `heal`. */
export function always<O extends Operation>(fault: Fault<O>): PlannedFault<O> {
  return { times: Number.POSITIVE_INFINITY, fault };
}

/** What goes wrong in one or several stores; may be changed at any moment. Counts calls. */
export class Faults {
  private readonly queued = new Map<Operation, Erased[]>();
  private readonly standing = new Map<Operation, Erased>();
  private readonly counts = new Map<Operation, number>();

  constructor(plan: FaultPlan = {}) {
    this.plan(plan);
  }

  /** Adds to what is to go wrong. */
  plan(plan: FaultPlan): void {
    for (const [operation, planned] of Object.entries(plan) as [Operation, ErasedPlan][])
      for (const one of [planned].flat()) this.add(operation, one);
  }

  /** The next calls of an operation meet these faults, one each, before any standing one. */
  next<O extends Operation>(operation: O, ...faults: Fault<O>[]): void {
    for (const fault of faults) this.add(operation, once(fault) as unknown as ErasedPlan);
  }

  /** All calls of an operation meet this fault; without one they are as they should be again. */
  always<O extends Operation>(operation: O, fault?: Fault<O>): void {
    if (fault) this.standing.set(operation, fault as unknown as Erased);
    else this.standing.delete(operation);
  }

  /** Takes back what is still planned, for one operation or for all. Calls that a fault has stay with it. */
  heal(operation?: Operation): void {
    if (operation === undefined) {
      this.queued.clear();
      this.standing.clear();
    } else {
      this.queued.delete(operation);
      this.standing.delete(operation);
    }
  }

  /** How often an operation was called. */
  calls(operation: Operation): number {
    return this.counts.get(operation) ?? 0;
  }

  /** Runs a call of `store`, or gives it to the fault whose turn it is. */
  run<O extends Operation>(
    store: Store,
    operation: O,
    args: Parameters<Store[O]>,
  ): ReturnType<Store[O]> {
    this.counts.set(operation, this.calls(operation) + 1);
    const fault = this.queued.get(operation)?.shift() ?? this.standing.get(operation);
    // The compiler cannot see that method, arguments and fault belong to one operation.
    const method = store[operation] as (...given: unknown[]) => unknown;
    const go = () => method.apply(store, args);
    return (fault ? fault({ operation, args, go }) : go()) as ReturnType<Store[O]>;
  }

  private add(operation: Operation, { times: count, fault }: ErasedPlan): void {
    if (count === Number.POSITIVE_INFINITY) {
      this.standing.set(operation, fault);
      return;
    }
    const queue = this.queued.get(operation) ?? [];
    for (let i = 0; i < count; i++) queue.push(fault);
    this.queued.set(operation, queue);
  }
}
