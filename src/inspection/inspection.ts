import type { Domain } from '../aggregate/domain.js';
import type { StampSetup } from '../client/stamp.js';
import type { StartFrom } from '../dispatcher/subscription.js';
import type { SubscriptionInfo } from '../dispatcher/subscriptions.js';
import type { StoredEvent } from '../messages/event.js';
import type { NewAuditEntry, Operations, Quarantine } from '../store/operations.js';
import type { Store, StreamName } from '../store/store.js';
import type { ParkedEvent, Reason } from '../store/subscriptions.js';
import { type ActorsOptions, type ActorsPage, listActors } from './actor-list-view.js';
import { type ActorInspection, inspectActor } from './actor-view.js';
import type { DryRun } from './dry-run-result.js';
import type { InspectedEvent } from './inspected-event.js';
import type { InspectedShard } from './inspected-shard.js';
import type { JobRunner } from './inspection-jobs.js';
import { type FollowOptions, followLog } from './live-log.js';
import {
  type DryRunOptions,
  type EventsOptions,
  type EventsPage,
  type InspectedState,
  LogView,
  type StateDiff,
} from './log-view.js';
import { nameOf, streamOf } from './names.js';
import {
  type AuditOptions,
  type AuditPage,
  OperatorVerbs,
  type VerbResult,
} from './operator-verbs.js';
import type { QuarantineWatch } from './quarantine-watch.js';
import { inspectShards, type ShardInspection } from './shard-view.js';

/** What an inspection is made of. */
export interface InspectionParts {
  readonly domain: Domain;
  readonly store: Pick<Store, 'heads'>;
  readonly operations: Operations;
  readonly quarantines: QuarantineWatch;
  readonly jobs: JobRunner;
  readonly stamp: StampSetup;
  shards(): readonly InspectedShard[];
  subscriptions(): Promise<readonly SubscriptionInfo[]>;
  parked(name: string, stream: StreamName): Promise<readonly ParkedEvent[]>;
  /** The stored log from a place on, for as long as it is read. */
  live(from: StartFrom, signal: AbortSignal | undefined): AsyncIterable<StoredEvent>;
}

/**
 * A runtime from inside: what its shards and actors do, what the log says of any instance at any version,
 * and what an operator may do to one actor. Everything is plain data, and everything is bounded: lists
 * come in pages, a shard that shows no sign of life for 250 ms is not waited for. Looking changes nothing.
 *
 * Aggregates are named as in code; their names in the log are understood as well. Rejects with
 * `UnknownAggregate` and `InvalidOption` (`SetupError`s) for what cannot be asked.
 */
export class Inspection {
  private readonly log: LogView;
  private readonly verbs: OperatorVerbs;

  constructor(private readonly parts: InspectionParts) {
    this.log = new LogView(parts);
    this.verbs = new OperatorVerbs(parts);
  }

  /** All shards of this process; none while it stands by. A blocked one is shown from shared memory. Takes at most 250 ms. */
  async shards(): Promise<readonly ShardInspection[]> {
    return inspectShards(this.parts.shards(), this.parts.domain);
  }

  /**
   * Live actors of all shards, filtered and sorted there, 2 ms of a shard's time in every 7. An actor that is
   * in memory all the while is listed exactly once, on one of the pages, if they are sorted by id; by another
   * figure it may move between pages while they are read.
   *
   * @example
   * const { actors, next } = await runtime.inspect.actors({ sort: 'mailbox', minMailbox: 1 });
   */
  async actors(options: ActorsOptions = {}): Promise<ActorsPage> {
    return listActors(this.parts.shards(), this.parts.domain, options);
  }

  /** One actor, whether it is in memory or not. Asking for it does not load it. */
  async actor(aggregate: string, id: string): Promise<ActorInspection> {
    return inspectActor(this.parts, this.streamOf(aggregate, id));
  }

  /**
   * The state of an instance at a version, by default the last one, folded from the log outside of the
   * shards. `undefined` if there is no such stream; rejects with `NoSuchVersion` beyond its end,
   * `StreamUnreadable` where this code cannot read an event, `StateTooLarge` above 32 Mi characters.
   */
  stateAt(
    aggregate: string,
    id: string,
    { version }: { readonly version?: number } = {},
  ): Promise<InspectedState | undefined> {
    return this.log.stateAt(aggregate, id, version);
  }

  /** What changed in the state from one version to a later one. Rejects as `stateAt`. */
  diff(aggregate: string, id: string, from: number, to: number): Promise<StateDiff> {
    return this.log.diff(aggregate, id, from, to);
  }

  /**
   * The events or refusal that a command would give on the committed state of this moment, without doing
   * it: neither log nor mailbox nor outcomes know of it. Rejects with `DryRunNeedsServices` if the decider
   * asks for services and the aggregate gives no `dryRunServices`. What a decider does beside that, a dry
   * run does too.
   */
  dryRun(
    aggregate: string,
    id: string,
    command: { readonly type: string; readonly data: unknown },
    options: DryRunOptions = {},
  ): Promise<DryRun> {
    return this.log.dryRun(aggregate, id, command, options);
  }

  /** A page of the log by position, without gaps, as it is stored and as it reads today. */
  events(options: EventsOptions = {}): Promise<EventsPage> {
    return this.log.events(options);
  }

  /**
   * The log as `events` shows it, from now on or from a position on, for as long as it is read, the signal
   * is not aborted and the runtime runs. Holds one page in memory; who is slow is behind, and misses nothing.
   */
  follow(options: FollowOptions = {}): AsyncGenerator<InspectedEvent, void> {
    return followLog(this.parts, options);
  }

  /** A page of one stream by version; `after` is a version. */
  stream(
    aggregate: string,
    id: string,
    options: Pick<EventsOptions, 'after' | 'limit'> = {},
  ): Promise<EventsPage> {
    return this.log.streamEvents(aggregate, id, options);
  }

  /** Has an actor without work leave memory, with the snapshot that may be due. The next command loads it. */
  async passivate(aggregate: string, id: string, reason: Reason): Promise<VerbResult> {
    return this.verbs.passivate(this.streamOf(aggregate, id), reason);
  }

  /** Writes a snapshot of the last committed version, folded outside of the shard; the actor feels nothing of it. */
  async snapshot(aggregate: string, id: string, reason: Reason): Promise<VerbResult> {
    return this.verbs.snapshot(this.streamOf(aggregate, id), reason);
  }

  /**
   * Has an actor throw its state away and read it anew from snapshot and log, once what it decided is
   * durable. No command is lost.
   */
  async reload(aggregate: string, id: string, reason: Reason): Promise<VerbResult> {
    return this.verbs.reload(this.streamOf(aggregate, id), reason);
  }

  /**
   * Keeps all commands and state queries from an instance, in all processes, until it is released: they are
   * refused as `Quarantined`, and so are those that wait. What is decided is seen through. Survives restarts.
   */
  async quarantine(aggregate: string, id: string, reason: Reason): Promise<VerbResult> {
    return this.verbs.quarantine(this.streamOf(aggregate, id), reason);
  }

  /** Ends a quarantine; does nothing where there is none. */
  async release(aggregate: string, id: string, reason: Reason): Promise<VerbResult> {
    return this.verbs.release(this.streamOf(aggregate, id), reason);
  }

  /**
   * Puts an operator's work down in the audit, with who and why, before it is done, and what came of it
   * after. For work beside actors: theirs is put down already.
   */
  record<Result>(
    what: Omit<NewAuditEntry, keyof Reason>,
    reason: Reason,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.verbs.put(what, reason, work);
  }

  /** All instances that are quarantined, as this process knows it. */
  async quarantined(): Promise<readonly Quarantine[]> {
    const { quarantines, domain } = this.parts;
    return quarantines.streams.map((it) => ({ ...it, aggregate: nameOf(domain, it.aggregate) }));
  }

  /** What operators did, newest first: who, when, why, what, and what came of it. */
  async audit(options: AuditOptions = {}): Promise<AuditPage> {
    return this.verbs.audit(options);
  }

  private streamOf(aggregate: string, id: string): StreamName {
    return streamOf(this.parts.domain, aggregate, id);
  }
}
