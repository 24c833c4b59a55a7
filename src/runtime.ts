import type { EventEmitter } from 'node:events';
import type { Aggregate, AggregateTypes } from './aggregate/define-aggregate.js';
import type { Domain } from './aggregate/domain.js';
import { readEvent } from './aggregate/read-event.js';
import { AggregateClient, type ClientSetup } from './client/aggregate-client.js';
import { findOutcome, type ResolvedOutcome } from './client/find-outcome.js';
import { type RecordedEvent, toRecorded } from './client/recorded-event.js';
import type { ForeignCommits } from './dispatcher/foreign-commits.js';
import type { Inspection } from './inspection/inspection.js';
import { oneOf } from './internal/nearest.js';
import { type OutcomeUnknown, SetupError, type UnknownCommand } from './messages/errors.js';
import type { Ownership, OwnershipStatus } from './ownership/ownership.js';
import type { Handler } from './projection/handler.js';
import type { HandlerClient } from './projection/handler-client.js';
import type { InlineProjections } from './projection/inline-projections.js';
import type { Operate } from './projection/operate.js';
import { isProjection, type Projection } from './projection/projection.js';
import type { ProjectionClient } from './projection/projection-client.js';
import { isView, type View, type ViewTypes } from './projection/view.js';
import type { ViewClient } from './projection/view-client.js';
import type { Views } from './projection/views.js';
import { RuntimeFeeds } from './runtime-feeds.js';
import { inRange } from './runtime-options.js';
import type { RuntimeTimers } from './runtime-timers.js';
import { isSaga, type Saga, type SagaTypes } from './saga/saga.js';
import type { SagaClient } from './saga/saga-client.js';
import { type Advanced, type AdvanceOptions, type Sagas, sagasOf } from './saga/sagas.js';
import type { StartedInspection } from './start-inspection.js';
import type { StoredInline } from './store/inline.js';
import { allEvents, type ReadOptions } from './store/read.js';
import type { Store } from './store/store.js';
import type { Feeds } from './threads/feeds.js';
import type { PlainNotice } from './threads/protocol.js';
import type { Links } from './threads/shard-link.js';
import { measureShards, type RuntimeMetrics } from './threads/shard-metrics.js';
import type { PendingTimer, TimersQuery } from './timers/pending-timers.js';

/** What a runtime tells: `degraded` and `recovered` when commits stall and go on, `warning`, `error`. */
export interface RuntimeEvents {
  degraded: [notice: PlainNotice];
  recovered: [notice: PlainNotice];
  warning: [notice: PlainNotice];
  error: [notice: PlainNotice];
  /** What the machine of a saga logged, once its step was stored. */
  info: [notice: PlainNotice];
  /** Exclusive ownership: this process works on the log from now on, or stands by. */
  ownership: [notice: PlainNotice];
}

/** What a domain module exports, by name. */
export interface Definitions {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly views: ReadonlyMap<string, View>;
  readonly sagas: ReadonlyMap<string, Saga>;
  /** What reads the log beside sagas, by the name of its subscription; publications are handlers. */
  readonly readers: ReadonlyMap<string, 'view' | 'projection' | 'handler'>;
}

/** Options of `stop`. */
export interface StopOptions {
  /** How long commands under way may take to finish. Milliseconds. Default 10 000. */
  readonly drainMs?: number;
}

/** What a runtime is made of. */
export interface RuntimeParts {
  readonly store: Store;
  readonly domain: Domain;
  readonly ownership: Ownership;
  readonly links: Links;
  readonly client: ClientSetup;
  readonly emitter: EventEmitter<RuntimeEvents>;
  readonly foreign: ForeignCommits | undefined;
  readonly feeds: Feeds;
  readonly views: Views;
  readonly sagas: Sagas;
  readonly timers: RuntimeTimers;
  readonly inline: InlineProjections;
  readonly inside: StartedInspection;
}

const DRAIN = { least: 0, most: 60 * 60 * 1000, fallback: () => 10_000 };

/** A running Troupe: its shards, and the way to them. Made by `startRuntime`. */
export class Runtime extends RuntimeFeeds {
  private stopping: Promise<void> | undefined;
  private known: Definitions | undefined;
  private readonly clients = new Map<string, AggregateClient<AggregateTypes>>();

  constructor(private readonly parts: RuntimeParts) {
    super(parts);
  }

  /** From inside: shards, live actors, any state at any version, dry runs; and what operators may do to an actor. */
  get inspect(): Inspection {
    return this.parts.inside.inspection;
  }

  /** The way to the instances of one aggregate. Throws `SetupError` if the domain module does not export it. */
  aggregate<Types extends AggregateTypes>(definition: Aggregate<Types>): AggregateClient<Types> {
    const { name } = definition;
    const registered = this.parts.domain.aggregates.get(name);
    if (!registered)
      throw new SetupError(
        'UnknownAggregate',
        `The domain module exports no aggregate named ${name}: expected ${oneOf([...this.parts.domain.aggregates.keys()], name)}`,
        { name },
      );
    let client = this.clients.get(name);
    if (!client) {
      client = new AggregateClient(registered, this.parts.client);
      this.clients.set(name, client);
    }
    // Registered under this name: the definition that was passed, or the same one imported twice.
    return client as unknown as AggregateClient<Types>;
  }

  /** What the domain module exports, by name. */
  get definitions(): Definitions {
    this.known ??= definitionsOf(this.parts.domain);
    return this.known;
  }

  /** Asks a view. Throws `SetupError` if the domain module does not export it. */
  view<Types extends ViewTypes>(definition: View<Types>): ViewClient<Types> {
    return this.parts.views.client(definition, this.parts.feeds.readers, this.operate);
  }

  /** The instances of a saga. Throws `SetupError` if the domain module does not export it. */
  saga<Types extends SagaTypes>(definition: Saga<Types>): SagaClient<Types> {
    return this.parts.sagas.client(definition);
  }

  /**
   * Moves the time of all sagas in event time up to an instant: their timers due at or before it fire in
   * due order, and what they cause is finished, when it resolves. First waits until they have all that
   * is in the log now. Sagas by the clock are not concerned.
   */
  advanceTo(end: Date | number | string, options: AdvanceOptions = {}): Promise<Advanced> {
    const ms = new Date(end).getTime();
    if (Number.isFinite(ms)) return this.parts.sagas.advanceTo(ms, options);
    const message = `advanceTo: expected a date, Unix milliseconds or an ISO string, got ${String(end)}`;
    throw new SetupError('InvalidOption', message);
  }

  /**
   * Timers that are armed, by due time; also those whose command failed for good. Read from an index that
   * follows the log closely and may be a moment behind it.
   *
   * @example
   * const next = await runtime.timers({ aggregate: 'invoice', dueBefore: Date.now() + 60_000 });
   */
  timers(query: TimersQuery = {}): Promise<readonly PendingTimer[]> {
    return this.parts.timers.pending.list(query);
  }

  /** Every version of every inline projection of the log, also those of other releases, by name and version. */
  inlineProjections(): Promise<readonly StoredInline[]> {
    return this.parts.inline.list();
  }

  /**
   * Ends an inline projection, in all processes and for good, and drops its tables. Processes that have it
   * go on without it; code that still has it does not bring it back, only a higher version does. Throws
   * `UnknownInlineProjection`; `StoreUnavailable` if others hold the log for ten seconds.
   */
  removeInlineProjection(name: string): Promise<void> {
    return this.parts.inline.remove(name);
  }

  /** Asks a projection, and has it rebuilt. Throws `SetupError` if the domain module does not export it. */
  projection(definition: Projection): ProjectionClient {
    return this.parts.views.projection(definition, this.operate);
  }

  /** Has a handler run again. Throws `SetupError` if the domain module does not export it. */
  handler(definition: Handler): HandlerClient {
    return this.parts.views.handler(definition, this.operate);
  }

  private readonly operate: Operate = (name, operation, options) =>
    this.parts.feeds.operate(name, operation, options);

  /**
   * The whole log by position, without gaps, one page in memory at a time; ends at its end. Events of
   * aggregates that the domain does not know come as they are stored; one that it knows and cannot read
   * ends it with `StreamUnreadable`, and reading may go on after its position.
   */
  async *events(options: ReadOptions = {}): AsyncGenerator<RecordedEvent, void> {
    const { store, domain } = this.parts;
    for await (const event of allEvents(store, options)) {
      const definition = domain.stored.get(event.aggregate);
      yield* toRecorded(definition, readEvent(definition, event));
    }
  }

  /**
   * Finds out what became of a command whose outcome was unknown: raises the epoch of the writer that
   * had it, so that it can no longer be stored, and then looks into the log. The answer is final.
   */
  outcome(error: OutcomeUnknown | UnknownCommand): Promise<ResolvedOutcome> {
    return findOutcome(this.parts.store, 'command' in error ? error.command : error);
  }

  /** Hears what the runtime tells; returns what ends it. */
  on<Name extends keyof RuntimeEvents>(
    name: Name,
    listener: (notice: PlainNotice) => void,
  ): () => void {
    const { emitter } = this.parts;
    emitter.on(name, listener as never);
    return () => void emitter.off(name, listener as never);
  }

  /** Commands that are not answered yet, per shard. */
  get inFlight(): readonly number[] {
    return this.parts.ownership.shards.map((shard) => shard.inFlight);
  }

  /** Whether this runtime takes commands, and who owns the log exclusively. */
  get ownership(): OwnershipStatus {
    return this.parts.ownership.status;
  }

  /**
   * Counters, gauges and histograms of all shards, together and one by one, and of each subscription. Counting is always on. Takes
   * at most 250 ms: a shard that does not answer in time is shown as `blocked`, with its last figures.
   *
   * @example
   * const { total } = await runtime.metrics();
   * console.log(total.commands.accepted, total.commandDuration.p99);
   */
  async metrics(): Promise<RuntimeMetrics> {
    const { ownership, feeds } = this.parts;
    return { ...(await measureShards(ownership.shards)), subscriptions: feeds.metrics };
  }

  /**
   * Takes no more commands, finishes those under way, writes snapshots, hands the log over to who stands
   * by, closes everything. Bounded by `drainMs`.
   */
  async stop({ drainMs }: StopOptions = {}): Promise<void> {
    const limitMs = inRange('drainMs', DRAIN, drainMs);
    this.stopping ??= this.stopAll(limitMs);
    return this.stopping;
  }

  private async stopAll(drainMs: number): Promise<void> {
    const { feeds, foreign, ownership, links, store, timers, views, inside } = this.parts;
    inside.quarantines.stop();
    // Commands are refused from now on, whatever is being read.
    await Promise.all([ownership.stop(drainMs), foreign?.stopReading()]);
    await Promise.all([feeds.stop(drainMs), timers.memory?.stop(), inside.jobs.close()]);
    await foreign?.close();
    await links.discard?.();
    await views.close();
    await store.close();
  }
}

/** Streams of sagas are left out: nobody else writes them. */
function definitionsOf({ aggregates, readers }: Domain): Definitions {
  const own = [...aggregates].filter(([name]) => !name.startsWith('$'));
  const views = [...readers.values()].filter(isView).map((view) => [view.name, view] as const);
  const sagas = sagasOf({ readers }).map((saga) => [saga.name, saga] as const);
  const others = [...readers].flatMap(([name, reader]) => {
    if (isSaga(reader) || name.startsWith('$')) return [];
    const kind = isView(reader) ? 'view' : isProjection(reader) ? 'projection' : 'handler';
    return [[name, kind] as const];
  });
  return {
    ...{ aggregates: new Map(own), views: new Map(views) },
    ...{ sagas: new Map(sagas), readers: new Map(others) },
  };
}
