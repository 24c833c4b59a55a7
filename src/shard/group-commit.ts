import type { Actor } from '../actor/actor.js';
import { type Decision, rowCount } from '../actor/decision.js';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import type { AppendResult } from '../store/append.js';
import { isOwnedByAnother, type OwnedByAnother } from '../store/ownership.js';
import type { Store, Writer } from '../store/store.js';
import {
  actorsOf,
  type BatchLimits,
  batchLength,
  type ComposedBatch,
  composeBatch,
} from './batch.js';
import { findGuilty } from './find-guilty.js';
import type { InlineCommit } from './inline-commit.js';
import type { StoredBatch } from './shard-output.js';

/*
 * One batch in flight; while it commits, the next one fills. A later batch must never commit while an
 * earlier one of the same stream failed, or the stream would have a hole.
 *
 *   idle --submit--> committing --stored------------------> settle, next batch
 *                       |  ^ ^
 *                       |  | +---unavailable: wait, the same batch again
 *                       |  +-----conflict: cut out the guilty, the rest again at once
 *                       +--locked, invalid: halve until the guilty actor stands alone, cut it out
 *                       |     (invalid, too, where an inline projection fails)
 *                       +--ambiguous, fenced, restarted: raise the epoch, then cut out all there is;
 *                       |     if another process owns the log: the same, and nothing is decided again
 *                       +--broken: cut out all, tell the operator
 *
 * Cut out means: the actor's uncommitted decisions, also those that wait for a later batch, are dropped
 * and their commands go back to the head of its mailbox; it decides nothing until it has caught up.
 */

/** Why an actor's decisions were dropped. All mean: certainly not stored by this batch. */
export type CutReason = 'conflict' | 'locked' | 'invalid' | 'refenced' | 'broken';

/** What the group commit tells the shard. */
export interface CommitHost {
  /** Durable: `positions` holds those of the decision's rows, `timers` those of its timers' rows. */
  settled(decision: Decision, positions: readonly number[], timers: readonly number[]): void;
  /** All decisions of a batch are settled, or more decisions may be submitted. */
  progressed(): void;
  /** Dropped decisions of one actor, in the order they were made. */
  cutOut(actor: Actor, dropped: readonly Decision[], reason: CutReason, cause: Error): void;
  /** Another server, or the same one restarted: nothing in memory may be trusted. */
  serverChanged(): void;
  /** Another process owns the log: nothing will be stored any more, what was stored is in the log. */
  disowned(cause: OwnedByAnother): void;
  /** The store cannot commit now, or can again. */
  degraded(cause: Error): void;
  recovered(): void;
  broken(cause: Error): void;
}

/** Settings of the group commit. */
export interface CommitOptions {
  readonly limits: BatchLimits;
  readonly lockTimeoutMs: number;
  /** Told of each batch with events that was stored. */
  stored?(batch: StoredBatch): void;
  /** Told when a batch was not stored or that is not known, and again when nothing of it is under way. */
  notStored?(): void;
  /** Absent where the domain has no inline projections: then they cost nothing. */
  readonly inline?: InlineCommit | undefined;
}

const RETRY: Backoff = { firstMs: 20, maxMs: 2000 };
/** While a batch is halved, only the blocked part shall wait. */
const BISECT_LOCK_TIMEOUT_MS = 50;
const NO_POSITIONS: readonly number[] = [];

/** Stores decisions in batches, in the order they were submitted. */
export class GroupCommit {
  private pending: Decision[] = [];
  private pendingRows = 0;
  private pendingBytes = 0;
  private running = false;
  private abandoned = false;
  private isDegraded = false;
  /** Decisions in the batch that is being stored. */
  inFlight: readonly Decision[] = [];
  /** When that batch was taken, on the clock of `performance.now`. */
  inFlightSince = 0;

  constructor(
    private readonly store: Store,
    public writer: Writer,
    private readonly host: CommitHost,
    private readonly options: CommitOptions,
  ) {}

  /** Deciding further ahead than this would only grow what a conflict throws away. */
  get hasRoom(): boolean {
    return (
      this.pendingRows < 2 * this.options.limits.maxRows &&
      this.pendingBytes < 2 * this.options.limits.maxBytes
    );
  }

  get pendingDecisions(): number {
    return this.pending.length;
  }

  /** Decisions that wait for a later batch. */
  get waiting(): readonly Decision[] {
    return this.pending;
  }

  submit(decision: Decision): void {
    this.pending.push(decision);
    this.pendingRows += Math.max(1, rowCount(decision));
    this.pendingBytes += decision.bytes;
    if (!this.running) {
      this.running = true;
      // Lets everything that is decided in this turn join the batch.
      queueMicrotask(() => void this.cycle());
    }
  }

  /** Stops trying: what is not settled stays so, and its outcome unknown. */
  abandon(): void {
    this.abandoned = true;
  }

  private async cycle(): Promise<void> {
    while (this.pending.length > 0 && !this.abandoned) {
      const decisions = this.take();
      this.host.progressed();
      await this.commit(decisions, this.options.lockTimeoutMs);
      this.inFlight = [];
      this.host.progressed(); // what was cut out made room as well
    }
    this.running = false;
  }

  private take(): Decision[] {
    const length = batchLength(this.pending, this.options.limits);
    const decisions = length === this.pending.length ? this.pending : this.pending.slice(0, length);
    this.pending = length === this.pending.length ? [] : this.pending.slice(length);
    this.inFlight = decisions;
    this.inFlightSince = performance.now();
    this.recount();
    return decisions;
  }

  private recount(): void {
    this.pendingRows = 0;
    this.pendingBytes = 0;
    for (const decision of this.pending) {
      this.pendingRows += Math.max(1, rowCount(decision));
      this.pendingBytes += decision.bytes;
    }
  }

  /** Sees decisions through to the end: each is settled or cut out when this resolves. */
  private async commit(decisions: readonly Decision[], lockTimeoutMs: number): Promise<void> {
    let left = decisions;
    for (let attempt = 1; left.length > 0 && !this.abandoned; attempt++) {
      const exclusive = this.writer.lease !== undefined;
      const composed = composeBatch(left, { lockTimeoutMs, exclusive });
      const { batch } = composed;
      const { incarnation } = this.writer;
      const { inline } = this.options;
      const result = await this.store.append(this.writer, inline ? inline.with(batch) : batch);
      if (result.kind !== 'unavailable') this.recover();
      if (result.kind !== 'stored') this.options.notStored?.();
      else if (batch.rows.length > 0)
        this.options.stored?.({ ...result, rows: batch.rows, incarnation });
      switch (result.kind) {
        case 'stored':
          return this.settle(composed, result.positions);
        case 'unavailable':
          this.degrade(result.cause);
          await pause(RETRY, attempt);
          break;
        case 'conflict':
          left = await this.cutOutGuilty(left, result.cause);
          break;
        default:
          if (inline?.adopt(result.cause)) break; // again at once, with those that are active now
          return this.giveUp(left, result);
      }
    }
  }

  private giveUp(
    left: readonly Decision[],
    result: Exclude<AppendResult, { kind: 'stored' | 'conflict' | 'unavailable' }>,
  ): Promise<void> {
    switch (result.kind) {
      case 'locked':
      case 'invalid':
        return this.isolate(left, result.kind, result.cause);
      case 'broken':
        this.host.broken(result.cause);
        this.cutOut(actorsOf(left), 'broken', result.cause);
        return Promise.resolve();
      default:
        return this.refence(result.cause);
    }
  }

  private settle({ sorted, ofTimers }: ComposedBatch, positions: readonly number[]): void {
    const events = ofTimers ? positions.filter((_, i) => !ofTimers[i]) : positions;
    const timers = ofTimers ? positions.filter((_, i) => ofTimers[i]) : NO_POSITIONS;
    let [row, timer] = [0, 0];
    for (const decision of sorted) {
      const count = decision.timers?.rows.length ?? 0;
      const own = part(events, row, decision.rows.length);
      this.host.settled(decision, own, part(timers, timer, count));
      row += decision.rows.length;
      timer += count;
    }
    this.inFlight =
      sorted.length === this.inFlight.length
        ? []
        : this.inFlight.filter((d) => !sorted.includes(d));
    this.host.progressed();
  }

  private async cutOutGuilty(
    left: readonly Decision[],
    cause: Error,
  ): Promise<readonly Decision[]> {
    const guilty = await this.insist(() => findGuilty(this.store, left));
    this.cutOut([...guilty], 'conflict', cause);
    return left.filter((decision) => !guilty.has(decision.actor));
  }

  /** Halves a batch that cannot be stored as a whole: by actor first, then by decision. */
  private async isolate(
    left: readonly Decision[],
    reason: 'locked' | 'invalid',
    cause: Error,
  ): Promise<void> {
    const actors = actorsOf(left);
    if (actors.length === 1 && (reason === 'locked' || left.length === 1))
      return this.cutOut(actors, reason, cause);
    const [front, back] = halve(left, actors);
    await this.commit(front, BISECT_LOCK_TIMEOUT_MS);
    // Decisions that were made on top of one that has just been cut out went with it.
    await this.commit(
      back.filter((decision) => !this.isDropped(decision)),
      BISECT_LOCK_TIMEOUT_MS,
    );
  }

  private isDropped(decision: Decision): boolean {
    return !this.inFlight.includes(decision);
  }

  /**
   * What the old epoch has under way may still commit, until the epoch is raised; only then may a
   * command be looked up, decided again or refused. What waits for a later batch goes with it: whoever
   * raised the epoch may have told a caller that it was not executed.
   */
  private async refence(cause: Error): Promise<void> {
    this.degrade(cause);
    const { incarnation } = this.writer;
    this.writer = await this.insist(() => this.fenceOrLeave(this.writer));
    this.options.notStored?.();
    if (this.abandoned) return;
    this.recover();
    this.cutOut(actorsOf([...this.inFlight, ...this.pending]), 'refenced', cause);
    if (this.writer.incarnation !== incarnation) this.host.serverChanged();
  }

  /** Whoever took the log over has removed this writer, which is as good a fence as one's own. */
  private async fenceOrLeave(writer: Writer): Promise<Writer> {
    try {
      return await this.store.fence(writer.id, writer.epoch, writer.lease);
    } catch (error) {
      if (!isOwnedByAnother(error)) throw error;
      this.host.disowned(error);
      return writer;
    }
  }

  private cutOut(actors: readonly Actor[], reason: CutReason, cause: Error): void {
    const guilty = new Set(actors);
    const dropped = [...this.inFlight, ...this.pending].filter((d) => guilty.has(d.actor));
    this.inFlight = this.inFlight.filter((d) => !guilty.has(d.actor));
    this.pending = this.pending.filter((d) => !guilty.has(d.actor));
    this.recount();
    for (const actor of actors)
      this.host.cutOut(
        actor,
        dropped.filter((d) => d.actor === actor),
        reason,
        cause,
      );
  }

  private async insist<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (this.abandoned) return new Promise(() => undefined); // nobody is left to hear of it
        this.degrade(error instanceof Error ? error : new Error(String(error)));
        await pause(RETRY, attempt);
      }
    }
  }

  private degrade(cause: Error): void {
    if (this.isDegraded) return;
    this.isDegraded = true;
    this.host.degraded(cause);
  }

  private recover(): void {
    if (!this.isDegraded) return;
    this.isDegraded = false;
    this.host.recovered();
  }
}

function part(positions: readonly number[], from: number, count: number): readonly number[] {
  return count === 0 ? NO_POSITIONS : positions.slice(from, from + count);
}

function halve(decisions: readonly Decision[], actors: readonly Actor[]): [Decision[], Decision[]] {
  if (actors.length === 1) {
    const middle = decisions.length >> 1;
    return [decisions.slice(0, middle), decisions.slice(middle)];
  }
  const front = new Set(actors.slice(0, actors.length >> 1));
  return [
    decisions.filter((d) => front.has(d.actor)),
    decisions.filter((d) => !front.has(d.actor)),
  ];
}

function pause(backoff: Backoff, attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, backoffMs(backoff, attempt)).unref());
}
