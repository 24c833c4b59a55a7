import { Activation } from '../actor/activation.js';
import { Actor } from '../actor/actor.js';
import type { Blame } from '../actor/blame.js';
import type { DecideSetup } from '../actor/decide.js';
import { IdleActors } from '../actor/idle-actors.js';
import { LiveActors } from '../actor/live-actors.js';
import { NewStreams } from '../actor/new-streams.js';
import {
  parseCommand,
  type QueuedCommand,
  queuedCommand,
  unknownCommand,
} from '../actor/queued-command.js';
import { noteSeen } from '../actor/seen-version.js';
import { SnapshotBuffer } from '../actor/snapshot-buffer.js';
import type { Domain } from '../aggregate/domain.js';
import type { Clock } from '../internal/clock.js';
import { within } from '../internal/within.js';
import { type CommandMessage, STATE_QUERY } from '../messages/command.js';
import type { RefusalCode } from '../messages/errors.js';
import { streamKey } from '../messages/ids.js';
import { sliceOf } from '../messages/slice.js';
import type { InlineReader } from '../store/inline.js';
import type { Store, Writer } from '../store/store.js';
import { CELL } from '../telemetry/figures.js';
import { measuredStore } from '../telemetry/measured-store.js';
import type { ShardTelemetry } from '../telemetry/shard-telemetry.js';
import { ActorRunner } from './actor-runner.js';
import { CommandHistory } from './command-history.js';
import { DueSnapshots } from './due-snapshots.js';
import { GroupCommit } from './group-commit.js';
import { InlineCommit } from './inline-commit.js';
import { QuarantinedStreams, quarantinedRefusal } from './quarantine.js';
import { ABORTED, DEADLINE_PASSED, refusedAnswer, STOPPING } from './refusals.js';
import { Replies } from './replies.js';
import type { ShardInside } from './shard-inspector.js';
import type { ShardOptions } from './shard-options.js';
import type { ShardOutput } from './shard-output.js';

/** What a shard is made of. */
export interface ShardParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly domain: Domain;
  readonly options: ShardOptions;
  readonly clock: Clock;
  readonly blame: Blame;
  readonly telemetry: ShardTelemetry;
  readonly output: ShardOutput;
  /** Inline projections of the domain. Default none. */
  readonly inline?: readonly InlineReader[];
}

const OUTCOME_SWEEP_LIMIT = 1000;
/** A shard that stops waits this long for its last snapshots, and for its writer to be removed: neither is needed. */
const LAST_WRITE_MS = 300;
/** An actor stays at hand for this long after its last command, so that a busy one does not go in and out. */
const SETTLE_MS = 1000;

/** The actors of some slices, in one thread: commands in, answers out. */
export class Shard {
  /** Actors that have work or had some a moment ago. */
  private readonly live = new LiveActors();
  private readonly idle = new IdleActors();
  private readonly snapshots: SnapshotBuffer;
  private readonly due: DueSnapshots;
  private readonly activation: Activation;
  readonly commit: GroupCommit;
  private readonly replies: Replies;
  private readonly runner: ActorRunner;
  private readonly history: CommandHistory;
  private readonly quarantine = new QuarantinedStreams();
  private stopping = false;

  constructor(private readonly parts: ShardParts) {
    const { writer, options, output, telemetry } = parts;
    const store = measuredStore(parts.store, telemetry);
    this.snapshots = new SnapshotBuffer(store, (cause) =>
      output.notice({ kind: 'warning', message: 'snapshots could not be written', cause }),
    );
    this.due = new DueSnapshots(this.snapshots, options.limits, output);
    const setup: DecideSetup = {
      limits: options.limits,
      freezeState: options.freezeState,
      blame: parts.blame,
      services: (definition) => parts.domain.services.get(definition.name),
      snapshotFailed: (actor, cause) => this.due.failed(actor, cause),
    };
    this.history = new CommandHistory(telemetry.clock);
    this.replies = new Replies(output, (message) => this.accept(message), this.history);
    this.runner = new ActorRunner({
      setup,
      options,
      clock: parts.clock,
      telemetry,
      output,
      replies: this.replies,
      snapshots: this.snapshots,
      becameIdle: (actor) => this.becameIdle(actor),
      dropIdle: () => void this.idle.drain(),
      live: () => this.live.values(),
    });
    const newStreams = new NewStreams(options.newStreamsAfter);
    this.activation = new Activation(store, this.runner, telemetry, newStreams);
    this.commit = new GroupCommit(store, writer, this.runner, {
      limits: options.batch,
      lockTimeoutMs: options.lockTimeoutMs,
      stored: (batch) => output.stored(batch),
      notStored: () => output.notStored?.(),
      inline: InlineCommit.of(parts.inline),
    });
    this.runner.connect(this.activation, this.commit);
  }

  /** For those who look inside, and for operators. */
  get inside(): ShardInside {
    const { live, idle, commit, snapshots, runner, replies, history, quarantine, parts } = this;
    const { clock, telemetry } = parts;
    return {
      ...{ live, idle, commit, snapshots, runner, replies, history, quarantine, clock },
      received: telemetry.clock,
      passivate: (actor) => this.passivate(actor),
    };
  }

  private get isBusy(): boolean {
    for (const actor of this.live.values()) if (!actor.isIdle) return true;
    return false;
  }

  /** Live actors, with and without work. */
  get actorCount(): number {
    return this.live.size + this.idle.size;
  }

  /** Commands that wait in mailboxes: all, and those of the fullest one. */
  get waiting(): { readonly waiting: number; readonly most: number } {
    return this.live.waiting;
  }

  /** Takes a command, or a query for the state. Always answered, sooner or later. */
  accept(message: CommandMessage): void {
    const { telemetry, domain, output } = this.parts;
    const definition = domain.stored.get(message.aggregate);
    if (this.stopping) return this.refuse(message, 'Stopping', 'The runtime is stopping');
    if (!definition)
      return this.refuse(
        message,
        'UnknownAggregate',
        `The domain module exports no aggregate named ${message.aggregate}`,
      );
    const held = this.quarantine.get(message);
    if (held) return void output.answer(refusedAnswer(message, quarantinedRefusal(held)));
    if (message.type === STATE_QUERY)
      return this.enqueue(
        this.actorFor(message),
        queuedCommand(message, undefined, { data: undefined, hash: '' }, telemetry.clock.now()),
      );
    const spec = Object.hasOwn(definition.commands, message.type)
      ? definition.commands[message.type]
      : undefined;
    if (!spec)
      return this.refuse(message, 'UnknownCommand', unknownCommand(definition, message.type));
    const actor = this.actorFor(message);
    this.parts.blame.enter('validate', message.ref);
    try {
      const parsed = parseCommand(message, spec);
      if (parsed.ok)
        this.enqueue(actor, queuedCommand(message, spec, parsed, telemetry.clock.now()));
      else this.refuse(message, 'InvalidCommand', parsed.message, parsed.details);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.refuse(
        message,
        'InvalidCommand',
        `The schema of ${message.aggregate}.${message.type} threw: ${cause}`,
      );
    } finally {
      this.parts.blame.leave();
    }
    this.settleIdle(actor);
  }

  /**
   * Refuses a command that is still waiting; a decided one is answered when its fate is known. One that
   * had joined another with the same key is given up.
   */
  abort(aggregate: string, id: string, ref: number): void {
    const actor = this.live.get(aggregate, id);
    const removed =
      actor?.mailbox.remove((command) => command.message.ref === ref && !command.isInDoubt) ?? [];
    if (!actor) return;
    for (const command of removed) this.replies.refuse(actor, command, ABORTED);
    if (removed.length === 0) this.replies.leave(actor, ref);
    this.settleIdle(actor);
  }

  /** Others have appended to a stream; nothing happens if its actor is not in memory, or knows. */
  hearOf(aggregate: string, id: string, version: number): void {
    if (this.stopping) return;
    const live = this.live.get(aggregate, id);
    const actor = live ?? this.idle.get(streamKey(aggregate, id));
    if (!actor) return;
    noteSeen(actor, version);
    this.runner.refreshIfBehind(actor);
    // Only one without work may be put aside.
    if (!live && !actor.isIdle && this.idle.take(actor.key)) this.live.add(actor);
  }

  /** To be called a few times a second: deadlines, passivation. */
  tick(usedHeap: number): void {
    const now = this.parts.clock.now();
    for (const actor of [...this.live.values()]) {
      for (const command of actor.mailbox.remove(
        ({ message, isInDoubt }) => message.deadline <= now && !isInDoubt,
      )) {
        this.replies.refuse(actor, command, DEADLINE_PASSED);
      }
      if (actor.isIdle && now - actor.idleSince >= SETTLE_MS) this.putAside(actor);
    }
    const { idleMs, heapBytes } = this.parts.options;
    for (const actor of this.idle.sweep({ idleMs, heapBytes }, now, usedHeap))
      this.passivate(actor);
  }

  /** Deletes some of the expired outcomes; to be called now and then. */
  async sweepOutcomes(): Promise<void> {
    const swept = await this.parts.store.sweepOutcomes(OUTCOME_SWEEP_LIMIT);
    if (swept === OUTCOME_SWEEP_LIMIT) await this.sweepOutcomes();
  }

  /**
   * Refuses new commands, finishes those it has, writes the snapshots that are due and retires the
   * writer. After `drainMs` what still waits is refused; what is decided and not settled stays unanswered.
   * Resolves at most two times `LAST_WRITE_MS` after that, whatever the database does.
   */
  async stop(drainMs: number): Promise<void> {
    this.stopping = true;
    await this.drained(drainMs);
    for (const actor of this.live.values()) {
      for (const command of actor.mailbox.remove(({ isInDoubt }) => !isInDoubt))
        this.replies.refuse(actor, command, STOPPING);
    }
    this.commit.abandon();
    this.activation.stop();
    const clean = !this.isBusy;
    for (const actor of this.live.values()) if (actor.isIdle) this.putAside(actor);
    for (const actor of this.idle.drain()) this.passivate(actor);
    if (clean) await within(LAST_WRITE_MS, this.snapshots.flushed());
    // A writer with unsettled appends stays, so that whoever resolves them can fence it.
    if (this.commit.inFlight.length === 0)
      await within(LAST_WRITE_MS, this.parts.store.retireWriter(this.commit.writer.id));
  }

  private async drained(drainMs: number): Promise<void> {
    const end = performance.now() + drainMs;
    while (this.isBusy && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  private actorFor({ aggregate, id }: CommandMessage): Actor {
    let actor = this.live.get(aggregate, id);
    if (actor) return actor;
    const key = streamKey(aggregate, id);
    const definition = this.parts.domain.stored.get(aggregate);
    if (!definition) throw new Error(`unknown aggregate ${aggregate}`);
    actor = this.idle.take(key) ?? new Actor(key, id, sliceOf(aggregate, id), definition);
    this.live.add(actor);
    return actor;
  }

  private enqueue(actor: Actor, command: QueuedCommand): void {
    const { mailboxSize } = this.parts.options;
    if (actor.mailbox.size >= mailboxSize) {
      this.refuse(
        command.message,
        'Overloaded',
        `The mailbox of ${actor.aggregate}/${actor.id} is full (${mailboxSize})`,
        { retryAfterMs: 100 },
      );
      return;
    }
    if (command.message.key !== '' && this.joinsAnother(actor, command)) return;
    actor.mailbox.push(command);
    actor.refreshed = false;
    if (actor.status !== 'cold' || this.activation.activate(actor)) this.runner.schedule(actor);
  }

  /** True if a command with this key is under way: the same one joins it, another one is refused. */
  private joinsAnother(actor: Actor, command: QueuedCommand): boolean {
    actor.keys ??= new Map();
    const first = actor.keys.get(command.message.key);
    if (!first) {
      actor.keys.set(command.message.key, command);
      return false;
    }
    if (first.hash !== command.hash) {
      this.replies.refuseReusedKey(command.message, first.message.commandId);
      return true;
    }
    first.followers ??= [];
    first.followers.push(command.message);
    return true;
  }

  private refuse(
    message: CommandMessage,
    code: RefusalCode,
    text: string,
    details: object = {},
  ): void {
    const answer = { ref: message.ref, code, message: text, details, cause: undefined };
    this.parts.output.answer({ kind: 'refused', ...answer });
  }

  /** Drops an actor that got no command after all. */
  private settleIdle(actor: Actor): void {
    if (actor.status === 'cold' && actor.mailbox.size === 0) this.live.delete(actor);
  }

  private becameIdle(actor: Actor): void {
    // What others do to its stream does not keep an actor in memory.
    if (!actor.refreshed) actor.idleSince = this.parts.clock.now();
    // Nothing is kept for a stream that does not exist, nor for an actor that never got its state.
    if (actor.status !== 'ready' || actor.version === 0) this.live.delete(actor);
  }

  private putAside(actor: Actor): void {
    this.live.delete(actor);
    this.idle.add(actor);
  }

  private passivate(actor: Actor): void {
    this.parts.telemetry.figures.add(CELL.passivations);
    this.due.takeIfDue(actor);
    if (actor.companion) this.due.takeIfDue(actor.companion);
  }
}
