import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../internal/deferred.js';
import type { Refusal } from '../shard/refusals.js';
import {
  type Claimant,
  isOwnedByAnother,
  type Lease,
  type Leases,
  type Owner,
} from '../store/ownership.js';
import type { ShardClient } from '../threads/shard-client.js';

/** Starts all shards; `disowned` is called when one of them finds that another process owns the log. */
export type StartShards = (
  lease: string | undefined,
  disowned: (owner: Owner | undefined) => void,
) => Promise<readonly ShardClient[]>;

/** What a term is made of. */
export interface TermSetup {
  /** Undefined in shared ownership. */
  readonly leases: Leases | undefined;
  readonly leaseMs: number;
  readonly claimant: Claimant;
  readonly startShards: StartShards;
  /** Makes ready what shards need, while this process stands by. */
  prepareShards?(): void;
}

const RENEWALS_PER_LEASE = 3;
/** How long a database that does not answer may keep the end of a term waiting. */
const RELEASE_LIMIT_MS = 1000;

/** One time of working on the log: the shards, and in exclusive ownership the lease that they work under. */
export class Term {
  private readonly ending = new AbortController();
  private readonly ended = deferred<Owner | undefined>();
  private keeping: Promise<void> | undefined;
  private ownShards: readonly ShardClient[] = [];

  private constructor(
    private readonly setup: TermSetup,
    private readonly lease: Lease | undefined,
  ) {}

  /** Rejects with `OwnedByAnother` if it is another process's turn. */
  static async begin(setup: TermSetup): Promise<Term> {
    const lease = await setup.leases?.claim(setup.claimant);
    const term = new Term(setup, lease);
    if (lease) term.keeping = term.keep(lease);
    try {
      term.ownShards = await setup.startShards(lease?.id, (owner) => term.ended.resolve(owner));
    } catch (error) {
      await term.end(0);
      throw error;
    }
    return term;
  }

  get shards(): readonly ShardClient[] {
    return this.ownShards;
  }

  /** Who owns the log during this term: undefined if it is shared. */
  get owner(): Owner | undefined {
    return this.lease?.owner;
  }

  /** Resolves when another process has taken over, and names it if it is known. */
  get lost(): Promise<Owner | undefined> {
    return this.ended.promise;
  }

  /** Drains the shards for at most `drainMs`, under the lease to the last, and gives it back. */
  async end(drainMs: number, refusal?: Refusal): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.stop(drainMs, refusal)));
    this.ending.abort();
    await this.keeping;
    const { leases } = this.setup;
    if (!leases || !this.lease) return;
    const limit = new AbortController();
    const late = pause(RELEASE_LIMIT_MS, undefined, { signal: limit.signal });
    // Not given back, it ends by its own time.
    const released = leases.release(this.lease.id);
    await Promise.race([released, late]).catch(() => undefined);
    limit.abort();
    released.catch(() => undefined);
    late.catch(() => undefined);
  }

  /**
   * Renews the lease until the term ends. Failing to does not end it: what it does without the lease is
   * refused by the database, which alone knows whether another process has it.
   */
  private async keep({ id }: Lease): Promise<void> {
    const { signal } = this.ending;
    for (;;) {
      await pause(this.setup.leaseMs / RENEWALS_PER_LEASE, undefined, { signal }).catch(() => 0);
      if (signal.aborted) return;
      try {
        await this.setup.leases?.renew(id);
      } catch (error) {
        if (isOwnedByAnother(error)) return this.ended.resolve(error.owner);
      }
    }
  }
}
