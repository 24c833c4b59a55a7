import { TroupeError } from '../messages/errors.js';

/** A runtime that owns a log exclusively, or wants to: plain data. */
export interface Claimant {
  /** Drawn anew by each start of a runtime. */
  readonly runtimeId: string;
  readonly host: string;
  readonly pid: number;
}

/** Who owns a log exclusively. */
export interface Owner extends Claimant {
  /** ISO 8601, by the clock of the database. */
  readonly since: string;
}

/** A lease that was granted. Its id is never granted again. */
export interface Lease {
  readonly id: string;
  readonly owner: Owner;
}

/** The log is owned by another process, or not as the caller thinks. Certainly nothing was done. */
export class OwnedByAnother extends TroupeError {
  constructor(
    /** Undefined if it is not known, or if the log is owned by nobody. */
    readonly owner: Owner | undefined,
    cause?: unknown,
  ) {
    super('NotOwner', `${describeOwner(owner)} owns the log exclusively`, { owner }, cause);
  }
}

/** True for `OwnedByAnother`. */
export function isOwnedByAnother(error: unknown): error is OwnedByAnother {
  return error instanceof OwnedByAnother;
}

/** An owner in words. */
export function describeOwner(owner: Owner | undefined): string {
  return owner
    ? `process ${owner.pid} on ${owner.host} (since ${owner.since})`
    : 'another process or nobody';
}

/**
 * Exclusive ownership of one log. Whether a lease has expired is judged by the clock of the database
 * alone. Each method may reject with `StoreUnavailable`, and may be tried again.
 */
export interface Leases {
  /**
   * Takes the lease if it is free, expired or the claimant's own; rejects with `OwnedByAnother` if not.
   * All writers are removed with it: their running appends are waited for, and no later one is stored.
   */
  claim(claimant: Claimant): Promise<Lease>;
  /** Makes a lease last for its whole time again; rejects with `OwnedByAnother` if it was taken. */
  renew(leaseId: string): Promise<void>;
  /** Gives a lease back, so that the next claim has it at once. */
  release(leaseId: string): Promise<void>;
  close(): Promise<void>;
}
