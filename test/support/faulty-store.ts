import type { Store } from '../../src/store/store.js';

/** What can be made to fail. */
export type Operation = Exclude<keyof Store, 'close'>;

/** One call of an operation that a fault has in its hands. */
export interface StoreCall<O extends Operation> {
  readonly args: Parameters<Store[O]>;
  /** Runs the real one. May be called later, or never. */
  go(): ReturnType<Store[O]>;
}

/** Decides what becomes of a call. */
export type Fault<O extends Operation> = (call: StoreCall<O>) => ReturnType<Store[O]>;

type AnyFault = (call: { args: readonly unknown[]; go(): unknown }) => unknown;

/** A store with faults: `next` for the calls to come, one each, `always` for all others. Counts calls. */
export class FaultyStore implements Store {
  private readonly queued = new Map<Operation, AnyFault[]>();
  private readonly standing = new Map<Operation, AnyFault>();
  private readonly counts = new Map<Operation, number>();

  constructor(private readonly store: Store) {}

  /** The next calls of an operation meet these faults, one each, before any standing one. */
  next<O extends Operation>(operation: O, ...faults: Fault<O>[]): void {
    const queue = this.queued.get(operation) ?? [];
    queue.push(...(faults as unknown as AnyFault[]));
    this.queued.set(operation, queue);
  }

  /** All calls of an operation meet this fault; without one they are as they should be again. */
  always<O extends Operation>(operation: O, fault?: Fault<O>): void {
    if (fault) this.standing.set(operation, fault as unknown as AnyFault);
    else this.standing.delete(operation);
  }

  /** How often an operation was called. */
  calls(operation: Operation): number {
    return this.counts.get(operation) ?? 0;
  }

  private run<O extends Operation>(operation: O, args: Parameters<Store[O]>): ReturnType<Store[O]> {
    this.counts.set(operation, this.calls(operation) + 1);
    const fault = this.queued.get(operation)?.shift() ?? this.standing.get(operation);
    // The compiler cannot see that method, arguments and fault belong to one operation.
    const method = this.store[operation] as (...args: unknown[]) => unknown;
    const go = () => method.apply(this.store, args);
    return (fault ? fault({ args, go }) : go()) as ReturnType<Store[O]>;
  }

  registerWriter: Store['registerWriter'] = (...args) => this.run('registerWriter', args);
  fence: Store['fence'] = (...args) => this.run('fence', args);
  retireWriter: Store['retireWriter'] = (...args) => this.run('retireWriter', args);
  append: Store['append'] = (...args) => this.run('append', args);
  load: Store['load'] = (...args) => this.run('load', args);
  heads: Store['heads'] = (...args) => this.run('heads', args);
  findOutcomes: Store['findOutcomes'] = (...args) => this.run('findOutcomes', args);
  sweepOutcomes: Store['sweepOutcomes'] = (...args) => this.run('sweepOutcomes', args);
  findCommands: Store['findCommands'] = (...args) => this.run('findCommands', args);
  saveSnapshots: Store['saveSnapshots'] = (...args) => this.run('saveSnapshots', args);
  readRanges: Store['readRanges'] = (...args) => this.run('readRanges', args);
  readStream: Store['readStream'] = (...args) => this.run('readStream', args);
  readAll: Store['readAll'] = (...args) => this.run('readAll', args);
  readHeads: Store['readHeads'] = (...args) => this.run('readHeads', args);
  logEnd: Store['logEnd'] = (...args) => this.run('logEnd', args);
  settledEnd: Store['settledEnd'] = (...args) => this.run('settledEnd', args);
  close: Store['close'] = () => this.store.close();
}
