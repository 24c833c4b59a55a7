import { acceptSafely } from '../actor/accept-safely.js';
import type {
  Activation,
  ActivationHost,
  FoundOutcome,
  UnknownEvents,
} from '../actor/activation.js';
import type { Actor } from '../actor/actor.js';
import {
  type DecideSetup,
  decideDurably,
  decideWithoutDomain,
  hasEvents,
  isDurable,
  toVerdict,
  type Verdict,
} from '../actor/decide.js';
import { type Decision, rowCount } from '../actor/decision.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import { isBehind } from '../actor/seen-version.js';
import type { SnapshotBuffer } from '../actor/snapshot-buffer.js';
import { toDecision } from '../actor/to-decision.js';
import { UnreadableEvent } from '../aggregate/unreadable-event.js';
import type { Clock } from '../internal/clock.js';
import type { OwnedByAnother } from '../store/ownership.js';
import type { ShardTelemetry } from '../telemetry/shard-telemetry.js';
import { countCutOut, decideCounted } from './counting.js';
import { failureDelayMs } from './failure-delay.js';
import { FoundInLog } from './found-in-log.js';
import type { CommitHost, CutReason, GroupCommit } from './group-commit.js';
import { judgeCutOut } from './judge-cut-out.js';
import { DEADLINE_PASSED, notOwner, type Refusal } from './refusals.js';
import type { Replies } from './replies.js';
import { RunQueue } from './run-queue.js';
import { settleTimers } from './settle-timers.js';
import type { ShardOptions } from './shard-options.js';
import type { ShardOutput } from './shard-output.js';

/** What the runner is given by its shard. */
export interface RunnerParts {
  readonly setup: DecideSetup;
  readonly options: ShardOptions;
  readonly clock: Clock;
  readonly telemetry: ShardTelemetry;
  readonly output: ShardOutput;
  readonly replies: Replies;
  readonly snapshots: SnapshotBuffer;
  becameIdle(actor: Actor): void;
  dropIdle(): void;
  /** Actors in memory that may have work. */
  live(): Iterable<Actor>;
}

/** Commands that one actor may decide before others get their turn. */
const TURN = 100;

/** Moves actors between their states: decides what waits, settles what is stored, recovers what was cut out. */
export class ActorRunner implements CommitHost, ActivationHost {
  private activation!: Activation;
  private commit!: GroupCommit;
  private readonly queue = new RunQueue((actor) => this.work(actor));
  private readonly found: FoundInLog;
  private readonly replies: Replies;
  /** Why nothing is decided any more: another process owns the log. */
  private lost: Refusal | undefined;

  constructor(private readonly parts: RunnerParts) {
    this.replies = parts.replies;
    this.found = new FoundInLog(parts.replies);
  }

  connect(activation: Activation, commit: GroupCommit): void {
    this.activation = activation;
    this.commit = commit;
  }

  /** Lets an actor decide what waits for it, when its turn comes. */
  schedule(actor: Actor): void {
    if (actor.status === 'ready') this.queue.add(actor);
  }

  /** Has an actor without uncommitted work catch up in the background, if nothing else is being loaded. */
  refreshIfBehind(actor: Actor): void {
    if (isBehind(actor) && !this.activation.isBusy) this.refresh(actor);
  }

  private refresh(actor: Actor): void {
    actor.refreshed = true;
    this.recover(actor, 0);
  }

  // ---- deciding

  private work(actor: Actor): void {
    if (this.lost) return this.refuseAll(actor, this.lost);
    if (isBehind(actor)) return this.refresh(actor);
    for (let turns = 0; actor.status === 'ready'; turns++) {
      const command = actor.mailbox.peek();
      if (!command) break;
      if (!this.commit.hasRoom) return this.queue.pause(actor);
      if (turns === TURN) return this.queue.add(actor);
      if (command.message.deadline <= this.parts.clock.now()) {
        actor.mailbox.shift();
        this.replies.refuse(actor, command, DEADLINE_PASSED);
      } else if (isDurable(actor, command)) {
        if (actor.uncommitted > 0) return; // goes on when its state is durable
        if (actor.isAssumed) return this.recover(actor, 0);
        actor.mailbox.shift();
        this.startDurable(actor, command);
      } else {
        actor.mailbox.shift();
        this.conclude(actor, command, actor.version, decideCounted(actor, command, this.parts));
      }
    }
    this.settleIdle(actor);
  }

  private startDurable(actor: Actor, command: QueuedCommand): void {
    const { setup, telemetry } = this.parts;
    telemetry.waited(command.receivedAt);
    const early = decideWithoutDomain(actor, command, setup);
    command.attempts += 1;
    if (early) return this.conclude(actor, command, actor.version, early);
    const { generation } = actor;
    const { epoch } = this.commit.writer;
    actor.status = 'deciding';
    actor.deciding = command;
    actor.decidingSince = telemetry.clock.now();
    const finish = (verdictOf: () => Verdict): void => {
      actor.deciding = undefined;
      // Its state was thrown away meanwhile: it is decided again.
      if (actor.generation !== generation) return this.putBack(actor, [command]);
      // Whoever fenced the writer may have told the caller that it was not executed.
      const isLate = command.message.deadline <= this.parts.clock.now();
      if (isLate && this.commit.writer.epoch !== epoch) return this.putBack(actor, [command]);
      actor.status = 'ready';
      const fromVersion = actor.version;
      this.conclude(actor, command, fromVersion, verdictOf());
      this.schedule(actor);
    };
    void decideDurably(actor, command, setup).then(
      (events) => finish(() => acceptSafely(actor, command, events, setup)),
      (error: unknown) => finish(() => toVerdict(actor, command, error)),
    );
  }

  private conclude(
    actor: Actor,
    command: QueuedCommand,
    fromVersion: number,
    verdict: Verdict,
  ): void {
    const failed = verdict.kind === 'failed';
    if (actor.isAssumed && actor.uncommitted === 0 && !hasEvents(verdict))
      return this.putBack(actor, [command]);
    if ((failed || verdict.kind === 'refused') && command.message.key !== '' && !command.keyIsNew) {
      // Its first outcome may be stored: nothing else may be answered before that is known.
      return this.lookUpFirst(actor, command, failed);
    }
    actor.failures = failed ? actor.failures + 1 : 0;
    const decision = toDecision(actor, command, verdict, {
      fromVersion,
      keepOutcomesMs: this.parts.options.keepOutcomesMs,
    });
    actor.uncommitted += 1;
    if (failed) this.taint(actor, fromVersion);
    this.commit.submit(decision);
  }

  private lookUpFirst(actor: Actor, command: QueuedCommand, failed: boolean): void {
    actor.mailbox.unshiftAll([command]);
    if (failed) this.taint(actor, actor.committed.version);
    actor.status = 'draining';
    if (actor.uncommitted === 0) this.recover(actor, 0);
  }

  /** The state may be half evolved: it is rebuilt once none of the actor's rows is in flight. */
  private taint(actor: Actor, version: number): void {
    actor.generation += 1;
    actor.state = undefined;
    actor.version = version;
    actor.status = 'draining';
  }

  /** Throws an actor's state away and reads it anew, once none of its rows is in flight. False if that is under way. */
  reload(actor: Actor): boolean {
    const { status } = actor;
    if (status !== 'ready' && status !== 'deciding') return false;
    if (actor.uncommitted > 0) this.taint(actor, actor.version);
    else actor.forgetState();
    if (actor.uncommitted === 0 && status === 'ready') this.recover(actor, 0);
    return true;
  }

  // ---- settling

  settled(decision: Decision, positions: readonly number[], timers: readonly number[]): void {
    const { actor, command, rows } = decision;
    actor.uncommitted -= 1;
    actor.blocked = 0;
    const { commandId } = command.message;
    if (rows.length > 0)
      actor.stored({ version: decision.toVersion, position: positions.at(-1) ?? 0, commandId });
    if (timers.length > 0) settleTimers(decision, timers, this.parts.snapshots);
    if (decision.snapshot !== undefined) this.parts.snapshots.take(actor, decision.snapshot);
    this.replies.finish(actor, command, decision.answer(positions, actor.committed.position));
    if (actor.uncommitted > 0) return;
    if (actor.status === 'draining') this.recover(actor, failureDelayMs(actor.failures));
    else if (actor.mailbox.size > 0) this.schedule(actor);
    else this.settleIdle(actor);
  }

  progressed(): void {
    this.queue.resume();
  }

  // ---- when a commit fails

  cutOut(actor: Actor, dropped: readonly Decision[], reason: CutReason, cause: Error): void {
    actor.uncommitted -= dropped.length;
    const commands = dropped.map((decision) => decision.command);
    countCutOut(this.parts.telemetry, actor, reason, commands.length);
    for (const command of commands) {
      command.keyIsNew = false; // somebody else may have used it meanwhile
      command.isInDoubt = reason === 'refenced';
    }
    if (reason === 'refenced') {
      actor.isAssumed = false; // the batch may be stored after all: it was new, then
      this.found.doubt(actor, dropped);
    }
    if (dropped.some((decision) => rowCount(decision) > 0)) actor.forgetState();
    const delayMs = judgeCutOut(actor, commands, {
      ...{ reason, cause, replies: this.replies },
      maxConflicts: this.parts.options.maxConflicts,
    });
    actor.mailbox.unshiftAll(commands);
    this.recover(actor, delayMs);
  }

  serverChanged(): void {
    this.parts.dropIdle();
    this.parts.snapshots.clear();
    for (const actor of this.parts.live()) {
      const { status } = actor;
      if (actor.uncommitted > 0 || status === 'cold') continue;
      actor.forgetState();
      if (status === 'ready') this.recover(actor, 0);
    }
  }

  disowned({ owner }: OwnedByAnother): void {
    this.lost = notOwner(owner);
  }

  private refuseAll(actor: Actor, refusal: Refusal): void {
    for (const command of actor.mailbox.remove(() => true))
      this.replies.refuse(actor, command, refusal);
    this.settleIdle(actor);
  }

  degraded(cause: Error): void {
    this.parts.output.notice({
      kind: 'degraded',
      message: 'commits are delayed: the database cannot be reached',
      cause,
    });
  }

  recovered(): void {
    this.parts.output.notice({ kind: 'recovered', message: 'commits go on', cause: undefined });
  }

  broken(cause: Error): void {
    this.parts.output.notice({ kind: 'error', message: cause.message, cause });
  }

  // ---- recovering

  private recover(actor: Actor, delayMs: number): void {
    actor.status = 'backingOff';
    actor.seenVersion = 0; // what is heard from now on may be newer than what is about to be read
    if (delayMs === 0) return this.activation.catchUp(actor);
    setTimeout(() => this.activation.catchUp(actor), delayMs).unref();
  }

  private putBack(actor: Actor, commands: readonly QueuedCommand[]): void {
    actor.mailbox.unshiftAll(commands);
    this.recover(actor, 0);
  }

  activated(actor: Actor, unknown: UnknownEvents, found: readonly FoundOutcome[]): void {
    actor.status = 'ready';
    this.found.answer(actor, unknown);
    for (const command of actor.mailbox) command.isInDoubt = false;
    for (const outcome of found) this.found.repeat(actor, outcome);
    this.schedule(actor);
    this.settleIdle(actor);
  }

  unreadable(actor: Actor, unknown: UnknownEvents, error: Error): void {
    const details = error instanceof UnreadableEvent ? error.details : {};
    this.found.answer(actor, unknown);
    actor.forgetState();
    actor.status = 'cold';
    for (const command of actor.mailbox.remove(() => true))
      this.replies.refuse(actor, command, {
        code: 'StreamUnreadable',
        message: error.message,
        details,
        cause: error,
      });
    this.parts.output.notice({ kind: 'warning', message: error.message, cause: error });
    // A command that had joined a refused one waits in this very actor now.
    if (actor.mailbox.size === 0) this.parts.becameIdle(actor);
  }

  delayed(cause: Error): void {
    const message = `actors cannot be loaded: ${cause.message}`;
    this.parts.output.notice({ kind: 'degraded', message, cause });
  }

  resumed(): void {
    const message = 'actors are loaded again';
    this.parts.output.notice({ kind: 'recovered', message, cause: undefined });
  }

  private settleIdle(actor: Actor): void {
    if (actor.isIdle) this.parts.becameIdle(actor);
  }
}
