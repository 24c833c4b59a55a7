import { setTimeout as pause } from 'node:timers/promises';
import { after } from '../internal/after.js';
import { toPlainError } from '../messages/plain-error.js';
import { notOwner, STOPPING } from '../shard/refusals.js';
import { describeOwner, isOwnedByAnother, type Owner } from '../store/ownership.js';
import type { PlainNotice } from '../threads/protocol.js';
import type { Router } from '../threads/router.js';
import type { ShardClient } from '../threads/shard-client.js';
import { Term, type TermSetup } from './term.js';

/*
 *   standing by --lease free or expired: claimed, shards started--> active
 *       ^                                                            |
 *       +--------- shards drained <-- another process took over -----+--stop--> drained, lease given back
 *
 * A shared runtime is active from its start. It stands by only while an exclusive one, started later,
 * owns the log.
 */

/** Whether a runtime takes commands, and who owns the log. */
export interface OwnershipStatus {
  readonly mode: 'shared' | 'exclusive';
  /** `standby`: commands are refused as `NotOwner`. */
  readonly role: 'active' | 'standby' | 'stopped';
  /** The exclusive owner, if this process knows of one. As it was last heard of: only the database knows. */
  readonly owner: Owner | undefined;
}

/** What ownership is given by its runtime. */
export interface OwnershipSetup extends TermSetup {
  readonly router: Router;
  notice(notice: PlainNotice): void;
}

/** A claim, or shards that start, must not keep `stop` for longer than this. */
const BEYOND_DRAIN_MS = 3000;
/** Of a lease, and in milliseconds: how often who stands by looks whether it may take over. */
const LOOKS_PER_LEASE = 15;
const LONGEST_LOOK_MS = 200;

/** Decides when a runtime works on the log: from claim to drain, again and again. */
export class Ownership {
  private term: Term | undefined;
  private owner: Owner | undefined;
  private life: Promise<void> = Promise.resolve();
  private drainMs = 0;
  private readonly ending = new AbortController();

  constructor(private readonly setup: OwnershipSetup) {}

  get status(): OwnershipStatus {
    const { owner } = this;
    const role = this.stopping ? 'stopped' : this.term ? 'active' : 'standby';
    return { mode: this.setup.leases ? 'exclusive' : 'shared', role, owner };
  }

  get shards(): readonly ShardClient[] {
    return this.term?.shards ?? [];
  }

  /** Resolves active or standing by. Rejects with what keeps the shards from starting. */
  async start(): Promise<void> {
    const term = await this.tryBegin();
    this.life = this.live(term);
  }

  /** Ends the term, if there is one, within about `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.drainMs = drainMs;
    this.setup.router.close(STOPPING);
    this.ending.abort();
    await Promise.race([this.life, after(drainMs + BEYOND_DRAIN_MS)]);
    await this.setup.leases?.close();
  }

  private get stopping(): boolean {
    return this.ending.signal.aborted;
  }

  private async live(first: Term | undefined): Promise<void> {
    let term = first ?? (await this.awaitTurn());
    while (term) {
      if (!this.stopping) this.activate(term);
      const owner = await Promise.race([term.lost, aborted(this.ending.signal)]);
      this.term = this.stopping ? term : undefined;
      if (this.stopping) return term.end(this.drainMs, STOPPING);
      this.owner = undefined;
      this.standBy(owner);
      await term.end(this.setup.leaseMs, notOwner(this.owner));
      term = await this.awaitTurn();
    }
  }

  private activate(term: Term): void {
    this.term = term;
    this.setup.router.open(term.shards);
    if (this.setup.leases) this.tell('this process owns the log and takes commands');
  }

  /** Tries until it is this runtime's turn; undefined if it is stopped meanwhile. */
  private async awaitTurn(): Promise<Term | undefined> {
    const { leaseMs } = this.setup;
    while (!this.stopping) {
      const lookMs = Math.min(LONGEST_LOOK_MS, leaseMs / LOOKS_PER_LEASE);
      try {
        const term = await this.tryBegin();
        if (term) return term;
        await this.wait(lookMs);
      } catch (error) {
        if (!this.stopping) this.tell('this process cannot take over', error);
        await this.wait(leaseMs);
      }
    }
    return undefined;
  }

  /** A term, or undefined while another process owns the log. */
  private async tryBegin(): Promise<Term | undefined> {
    try {
      const term = await Term.begin(this.setup);
      this.owner = term.owner;
      return term;
    } catch (error) {
      if (!isOwnedByAnother(error)) throw error;
      if (!this.stopping) this.standBy(error.owner);
      if (!this.stopping && this.setup.leases) this.setup.prepareShards?.();
      return undefined;
    }
  }

  private standBy(owner: Owner | undefined): void {
    this.setup.router.close(notOwner(owner));
    if (owner && owner.runtimeId !== this.owner?.runtimeId)
      this.tell(`this process stands by: ${describeOwner(owner)} owns the log`);
    this.owner = owner;
  }

  private tell(message: string, cause?: unknown): void {
    const kind = cause === undefined ? 'ownership' : 'warning';
    this.setup.notice({
      kind,
      message,
      cause: cause === undefined ? undefined : toPlainError(cause),
    });
  }

  private async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
