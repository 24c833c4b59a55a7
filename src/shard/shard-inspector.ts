import type { Actor } from '../actor/actor.js';
import type { IdleActors } from '../actor/idle-actors.js';
import type { LiveActors } from '../actor/live-actors.js';
import type { SnapshotBuffer } from '../actor/snapshot-buffer.js';
import type { Clock } from '../internal/clock.js';
import { streamKey } from '../messages/ids.js';
import type { Quarantine } from '../store/operations.js';
import type { StreamName } from '../store/store.js';
import { ActorList, type Pacing } from './actor-list.js';
import { batchReport, reportOf } from './actor-report.js';
import type { ActorRunner } from './actor-runner.js';
import type { CommandHistory } from './command-history.js';
import type { GroupCommit } from './group-commit.js';
import { type QuarantinedStreams, quarantinedRefusal } from './quarantine.js';
import type {
  ActorAnswer,
  Operated,
  ShardAnswers,
  ShardQuestion,
  ShardReport,
} from './questions.js';
import type { Replies } from './replies.js';

/** What of a shard can be seen, and moved by operators. */
export interface ShardInside {
  readonly live: LiveActors;
  readonly idle: IdleActors;
  readonly commit: GroupCommit;
  readonly snapshots: SnapshotBuffer;
  readonly runner: ActorRunner;
  readonly replies: Replies;
  readonly history: CommandHistory;
  readonly quarantine: QuarantinedStreams;
  readonly clock: Clock;
  /** The clock by which commands are received. */
  readonly received: { now(): number };
  /** An actor without work leaves memory, by way of the snapshot that may be due. */
  passivate(actor: Actor): void;
}

const NO_AGE = 0;

/** Answers what a shard is asked about its inside, and does what operators want of its actors. */
export class ShardInspector {
  private readonly list: ActorList;

  constructor(
    private readonly inside: ShardInside,
    pacing: Pacing,
  ) {
    const { live, idle, quarantine, received } = inside;
    this.list = new ActorList({ live, idle, quarantine, now: () => received.now() }, pacing);
  }

  answer(
    question: ShardQuestion,
  ): ShardAnswers[keyof ShardAnswers] | Promise<ShardAnswers['actors']> {
    switch (question.kind) {
      case 'shard':
        return this.report();
      case 'actors':
        return this.list.page(question);
      case 'actor':
        return this.actor(question);
      case 'passivate':
        return this.passivate(question);
      case 'reload':
        return this.reload(question);
      case 'quarantine':
        this.quarantine(question.streams);
        return undefined;
    }
  }

  /** To be called now and then. */
  tick(): void {
    this.inside.history.sweep();
  }

  /** From now on no command of these streams is taken, and of all others commands are. */
  quarantine(streams: readonly Quarantine[]): void {
    const { quarantine, live, replies, runner } = this.inside;
    for (const it of quarantine.set(streams)) {
      const actor = live.get(it.aggregate, it.id);
      // What is decided is seen through.
      const waiting = actor?.mailbox.remove(({ isInDoubt }) => !isInDoubt) ?? [];
      if (!actor) continue;
      for (const command of waiting) replies.refuse(actor, command, quarantinedRefusal(it));
      runner.schedule(actor);
    }
  }

  private report(): ShardReport {
    const { commit, idle, snapshots, quarantine } = this.inside;
    const { ageMs: _none, ...pending } = batchReport(commit.waiting, NO_AGE);
    return {
      batch:
        commit.inFlight.length === 0
          ? undefined
          : batchReport(commit.inFlight, commit.inFlightSince),
      pending,
      idleActors: idle.size,
      snapshotsWaiting: snapshots.size,
      quarantined: quarantine.size,
    };
  }

  private actor({ aggregate, id }: StreamName): ActorAnswer {
    const { commit, clock, received, quarantine, snapshots, history } = this.inside;
    const key = streamKey(aggregate, id);
    const actor = this.find({ aggregate, id });
    const held = quarantine.get({ aggregate, id });
    const sight = { commit, isQuarantined: held !== undefined };
    return {
      live: actor && reportOf(actor, { ...sight, now: received.now(), time: clock.now() }),
      isPassivating: !actor && snapshots.holds(key),
      quarantine: held,
      ...history.look(key),
    };
  }

  private passivate(stream: StreamName): Operated {
    const actor = this.find(stream);
    if (!actor) return NOT_LIVE;
    if (!actor.isIdle) return busy(actor);
    this.inside.live.delete(actor);
    this.inside.idle.take(actor.key);
    this.inside.passivate(actor);
    return { result: 'done', message: `it left memory at version ${actor.committed.version}` };
  }

  private reload(stream: StreamName): Operated {
    const actor = this.find(stream);
    if (!actor) return NOT_LIVE;
    if (this.inside.idle.take(actor.key)) this.inside.live.add(actor);
    const begun = this.inside.runner.reload(actor);
    const message = begun
      ? `it is read anew, from version ${actor.committed.version} on record`
      : 'it is being read anew already';
    return { result: 'done', message };
  }

  private find({ aggregate, id }: StreamName): Actor | undefined {
    const { live, idle } = this.inside;
    return live.get(aggregate, id) ?? idle.get(streamKey(aggregate, id));
  }
}

const NOT_LIVE: Operated = { result: 'notLive', message: 'it is not in memory' };

function busy({ mailbox, uncommitted, status }: Actor): Operated {
  const message = `it has work: ${mailbox.size} commands wait, ${uncommitted} decisions are not durable yet (${status})`;
  return { result: 'busy', message };
}
