import { EventEmitter } from 'node:events';
import type { Aggregate, AggregateTypes } from './aggregate/define-aggregate.js';
import { type Domain, readDomain, startServices } from './aggregate/domain.js';
import { answerEvents, readEvent } from './aggregate/read-event.js';
import { AggregateClient, type ClientSetup } from './client/aggregate-client.js';
import { findOutcome, type ResolvedOutcome } from './client/find-outcome.js';
import { type RecordedEvent, toRecorded } from './client/recorded-event.js';
import { ForeignCommits } from './dispatcher/foreign-commits.js';
import { type Clock, systemClock } from './internal/clock.js';
import { oneOf } from './internal/nearest.js';
import type { AnswerEvent } from './messages/answer.js';
import { type OutcomeUnknown, SetupError, type UnknownCommand } from './messages/errors.js';
import type { StoredEvent } from './messages/event.js';
import { uuidv7 } from './messages/ids.js';
import { toPlainError } from './messages/plain-error.js';
import { foldWhenAsked } from './projection/fold-when-asked.js';
import type { View, ViewTypes } from './projection/view.js';
import type { ViewClient } from './projection/view-client.js';
import { Views } from './projection/views.js';
import {
  inRange,
  type ResolvedRuntime,
  type RuntimeOptions,
  resolveOptions,
} from './runtime-options.js';
import { memoryViews } from './store/memory-view-tables.js';
import { allEvents, type ReadOptions } from './store/read.js';
import type { Store } from './store/store.js';
import { logNotice } from './telemetry/log.js';
import { refuseDomainThread, refuseMainModule } from './threads/domain-thread.js';
import { resolveModule } from './threads/entry.js';
import { localLinks } from './threads/local-link.js';
import { openStores, type StoreOpener } from './threads/open-store.js';
import type { PlainNotice } from './threads/protocol.js';
import { Router } from './threads/router.js';
import { ShardClient } from './threads/shard-client.js';
import type { OpenLink } from './threads/shard-link.js';
import { measureShards, type RuntimeMetrics } from './threads/shard-metrics.js';
import { threadLinks } from './threads/thread-link.js';

/** What a runtime tells: `degraded` and `recovered` when commits stall and go on, `warning`, `error`. */
export interface RuntimeEvents {
  degraded: [notice: PlainNotice];
  recovered: [notice: PlainNotice];
  warning: [notice: PlainNotice];
  error: [notice: PlainNotice];
}

/** Options of `stop`. */
export interface StopOptions {
  /** How long commands under way may take to finish. Milliseconds. Default 10 000. */
  readonly drainMs?: number;
}

interface RuntimeParts {
  readonly store: Store;
  readonly domain: Domain;
  readonly shards: readonly ShardClient[];
  readonly client: ClientSetup;
  readonly emitter: EventEmitter<RuntimeEvents>;
  readonly foreign: ForeignCommits;
  readonly views: Views;
}

const DRAIN = { least: 0, most: 60 * 60 * 1000, fallback: () => 10_000 };

/** A running Troupe: its shards, and the way to them. Made by `startRuntime`. */
export class Runtime {
  private stopping: Promise<void> | undefined;
  private readonly clients = new Map<string, AggregateClient<AggregateTypes>>();

  constructor(private readonly parts: RuntimeParts) {}

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

  /** Asks a view. Throws `SetupError` if the domain module does not export it. */
  view<Types extends ViewTypes>(definition: View<Types>): ViewClient<Types> {
    return this.parts.views.client(definition);
  }

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
    return this.parts.shards.map((shard) => shard.inFlight);
  }

  /**
   * Counters, gauges and histograms of all shards, together and one by one. Counting is always on. Takes
   * at most 250 ms: a shard that does not answer in time is shown as `blocked`, with its last figures.
   *
   * @example
   * const { total } = await runtime.metrics();
   * console.log(total.commands.accepted, total.commandDuration.p99);
   */
  metrics(): Promise<RuntimeMetrics> {
    return measureShards(this.parts.shards);
  }

  /** Takes no more commands, finishes those under way, writes snapshots, closes everything. Bounded by `drainMs`. */
  async stop({ drainMs }: StopOptions = {}): Promise<void> {
    const limitMs = inRange('drainMs', DRAIN, drainMs);
    this.stopping ??= this.stopAll(limitMs);
    return this.stopping;
  }

  private async stopAll(drainMs: number): Promise<void> {
    const { client, foreign, shards, store, views } = this.parts;
    client.router.close();
    await foreign.stopReading();
    await Promise.all(shards.map((shard) => shard.stop(drainMs)));
    await foreign.close();
    await views.close();
    await store.close();
  }
}

/**
 * Starts a runtime: prepares the database, starts the shards and resolves when all of them take commands.
 * Throws `SetupError` for options, a domain module or a database that do not fit, naming what and why.
 *
 * @example
 * const runtime = await startRuntime({
 *   domain: new URL('./domain.ts', import.meta.url),
 *   store: { kind: 'postgres', url: process.env.DATABASE_URL },
 * });
 */
export function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  return startWith(options, {});
}

/** What a test puts in place of the real thing, with `shards: 0`. */
export interface Seams {
  /** Time of deadlines, idle actors and, unless the domain module exports a clock, of `context.now`. */
  readonly clock?: Clock;
  /** Opens the stores, instead of the option `store`. */
  readonly openStore?: () => Store;
}

/** As `startRuntime`, with parts of a test's own. Not public: `testRuntime` of `troupe/testing` is. */
export async function startWith(
  options: RuntimeOptions,
  { clock = systemClock, openStore }: Seams,
): Promise<Runtime> {
  refuseDomainThread();
  const resolved = resolveOptions(options);
  const { domain, url } = await importDomain(resolved);
  const emitter = new EventEmitter<RuntimeEvents>();
  const notice = noticeTo(emitter, resolved);
  const stores = openStore
    ? { open: openStore }
    : await openStores(resolved.store, { ...resolved, notice }, domain.credentials);
  const store = stores.open();
  const views = await openViews(stores, store, domain);
  const openLink = await links(resolved, url, domain, { openStore: stores.open, clock });
  const domainNow = (): number => (domain.clock ?? clock).now();
  const shards = Array.from(
    { length: Math.max(1, resolved.shards) },
    (_, index) =>
      new ShardClient(index, {
        ...resolved,
        ...{ store, openLink, clock, notice },
        answerEvents: (events) => eventsForAnswer(domain, events, notice),
        stored: (ranges) => foreign?.stored(ranges),
      }),
  );
  let foreign: ForeignCommits | undefined;
  await startShards(shards, [views, store]);
  const newId = (): string => (domain.ids ? domain.ids.newId() : uuidv7());
  const stamp = {
    limits: resolved.shard.limits,
    timeoutMs: resolved.timeoutMs,
    now: () => clock.now(),
    domainNow,
    newId,
  };
  const router = new Router(shards);
  foreign = followOthers({ store, stores, shards, router, notice });
  return new Runtime({
    store,
    domain,
    shards,
    emitter,
    foreign,
    views,
    client: { router, stamp, newId },
  });
}

/** Starts all shards, or none, and then closes what they were to use. */
async function startShards(
  shards: readonly ShardClient[],
  used: readonly { close(): Promise<void> }[],
): Promise<void> {
  try {
    // One after the other, so that threads are numbered as their shards are; they come up side by side.
    for (const shard of shards) await shard.start();
    await Promise.all(shards.map((shard) => shard.whenReady));
  } catch (error) {
    await Promise.all(shards.map((shard) => shard.stop(0)));
    for (const one of used) await one.close();
    throw startFailure(error);
  }
}

/** The views of a domain, with their tables made; those in memory are folded when they are asked. */
async function openViews(stores: StoreOpener, store: Store, domain: Domain): Promise<Views> {
  const access = stores.openViews?.() ?? memoryViews();
  const refresh = stores.openViews ? undefined : foldWhenAsked(store, access, domain);
  const views = new Views(domain, access, refresh);
  try {
    await views.prepare();
    return views;
  } catch (error) {
    await views.close();
    await store.close();
    throw error;
  }
}

interface Followers {
  readonly store: Store;
  readonly stores: StoreOpener;
  readonly shards: readonly ShardClient[];
  readonly router: Router;
  notice(notice: PlainNotice): void;
}

/** What other processes commit reaches the actors of this one. */
function followOthers({ store, stores, shards, router, notice }: Followers): ForeignCommits {
  const tell = (what: string, cause: Error | undefined): void =>
    notice({
      kind: 'warning',
      message: cause ? `${what}: ${cause.message}` : `${what} again`,
      cause: cause && toPlainError(cause),
    });
  let isDeaf = false;
  return new ForeignCommits({
    store,
    writers: () => shards.flatMap((shard) => shard.writerId ?? []),
    deliver: (heads) => router.hearOf(heads),
    ...(stores.openWakeUps && { openWakeUps: stores.openWakeUps }),
    changed: (state, cause) =>
      state === 'stopped' ||
      tell(cause ? 'other processes cannot be followed' : 'other processes are followed', cause),
    heard(cause) {
      if (isDeaf !== (cause !== undefined))
        tell(cause ? 'no wake-ups are heard' : 'wake-ups are heard', cause);
      isDeaf = cause !== undefined;
    },
  });
}

/** What a listener throws must not reach the shard that tells. */
function noticeTo(
  emitter: EventEmitter<RuntimeEvents>,
  { logger, onNotice }: ResolvedRuntime,
): (given: PlainNotice) => void {
  return (given) => {
    logNotice(logger, given);
    if (onNotice) queueMicrotask(() => onNotice(given));
    // Nobody has to listen: an `error` without a listener would end the process.
    if (emitter.listenerCount(given.kind) > 0)
      queueMicrotask(() => emitter.emit(given.kind, given));
  };
}

/** For commands whose shard died after it had stored them: the only events that the host lifts for an answer. */
function eventsForAnswer(
  domain: Domain,
  events: readonly StoredEvent[],
  notice: (notice: PlainNotice) => void,
): readonly AnswerEvent[] {
  const [{ aggregate, id } = { aggregate: '', id: '' }] = events;
  const definition = domain.stored.get(aggregate);
  if (!definition) return events;
  return answerEvents({ id, definition }, events, (error) =>
    notice({ kind: 'warning', message: error.message, cause: toPlainError(error) }),
  );
}

async function importDomain({
  domain,
  shards,
}: ResolvedRuntime): Promise<{ domain: Domain; url: URL | undefined }> {
  if (!(domain instanceof URL)) return { domain: readDomain(domain, 'the domain'), url: undefined };
  const url = resolveModule(domain);
  if (shards > 0) refuseMainModule(url);
  try {
    return { domain: readDomain((await import(url.href)) as object, url.href), url };
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      'DomainNotLoaded',
      `The domain module ${url.href} cannot be imported: ${String(error)}`,
      { url: url.href },
      error,
    );
  }
}

async function links(
  options: ResolvedRuntime,
  url: URL | undefined,
  domain: Domain,
  local: { readonly openStore: () => Store; readonly clock: Clock },
): Promise<OpenLink> {
  if (options.shards > 0 && url && options.store.kind === 'postgres')
    return threadLinks({ domain: url, store: options.store, options: options.shard });
  return localLinks(await startServices(domain), options.shard, local);
}

function startFailure(error: unknown): Error {
  if (error instanceof Error) return error;
  const { code, message, details } = error as { code?: string; message?: string; details?: object };
  return new SetupError(code ?? 'ShardNotStarted', message ?? String(error), details ?? {}, error);
}
