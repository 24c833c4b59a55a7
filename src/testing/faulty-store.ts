import type { Store } from '../store/store.js';
import { type Fault, type FaultPlan, Faults, type Operation } from './fault-plan.js';

/**
 * A store with faults. Its promises stay those of a `Store`: an injected failure looks to the runtime
 * exactly like the real one, and what was executed was executed.
 */
export class FaultyStore implements Store {
  /** What goes wrong; other stores may share it. */
  readonly faults: Faults;

  constructor(
    private readonly store: Store,
    given: FaultPlan | Faults = {},
  ) {
    this.faults = given instanceof Faults ? given : new Faults(given);
  }

  /** As `faults.plan`. */
  plan(plan: FaultPlan): void {
    this.faults.plan(plan);
  }

  /** As `faults.next`. */
  next<O extends Operation>(operation: O, ...faults: Fault<O>[]): void {
    this.faults.next(operation, ...faults);
  }

  /** As `faults.always`. */
  always<O extends Operation>(operation: O, fault?: Fault<O>): void {
    this.faults.always(operation, fault);
  }

  /** As `faults.heal`. */
  heal(operation?: Operation): void {
    this.faults.heal(operation);
  }

  /** As `faults.calls`. */
  calls(operation: Operation): number {
    return this.faults.calls(operation);
  }

  private run<O extends Operation>(operation: O, args: Parameters<Store[O]>): ReturnType<Store[O]> {
    return this.faults.run(this.store, operation, args);
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
  get operations(): Store['operations'] {
    return this.store.operations;
  }

  close: Store['close'] = () => this.store.close();
}

/**
 * Wraps any store so that operations fail as planned: once, several times or always, and otherwise as
 * told in the middle of a test by `next`, `always`, `plan` and `heal`.
 *
 * @example
 * const store = faultyStore(createMemoryStore(), {
 *   append: [once(conflict), once(losesAnswer)],
 *   load: always(unavailable),
 * });
 * store.heal('load');
 */
export function faultyStore(store: Store, plan: FaultPlan | Faults = {}): FaultyStore {
  return new FaultyStore(store, plan);
}
