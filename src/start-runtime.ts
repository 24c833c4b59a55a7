import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { type Domain, readDomain, startServices } from './aggregate/domain.js';
import { answerEvents } from './aggregate/read-event.js';
import type { ClientSetup } from './client/aggregate-client.js';
import { newRef, type StampSetup, stampSetup } from './client/stamp.js';
import type { Readers } from './client/wait-for.js';
import { consumersOf } from './consumers.js';
import { ForeignCommits } from './dispatcher/foreign-commits.js';
import { readInline } from './dispatcher/inline-source.js';
import { type Clock, systemClock } from './internal/clock.js';
import type { AnswerEvent, Dispatch } from './messages/answer.js';
import { SetupError } from './messages/errors.js';
import type { StoredEvent } from './messages/event.js';
import { uuidv7 } from './messages/ids.js';
import { toPlainError } from './messages/plain-error.js';
import { Ownership, type OwnershipStatus } from './ownership/ownership.js';
import type { StartShards } from './ownership/term.js';
import { askVia } from './projection/consumers.js';
import { foldWhenAsked } from './projection/fold-when-asked.js';
import { InlineProjections } from './projection/inline-projections.js';
import { Views } from './projection/views.js';
import { Runtime, type RuntimeEvents, type RuntimeParts } from './runtime.js';
import { type ResolvedRuntime, type RuntimeOptions, resolveOptions } from './runtime-options.js';
import { type RuntimeTimers, startTimers } from './runtime-timers.js';
import { refuseStranded } from './saga/refuse-stranded.js';
import { Sagas } from './saga/sagas.js';
import { STOPPING } from './shard/refusals.js';
import { quarantiningOf, startInspection } from './start-inspection.js';
import { memoryViews } from './store/memory-view-tables.js';
import { describeOwner } from './store/ownership.js';
import type { Store } from './store/store.js';
import type { ViewAccess } from './store/view-tables.js';
import { logNotice } from './telemetry/log.js';
import { refuseDomainThread, refuseMainModule } from './threads/domain-thread.js';
import { resolveModule } from './threads/entry.js';
import { Feeds } from './threads/feeds.js';
import { localLinks } from './threads/local-link.js';
import { openStores, type StoreOpener } from './threads/open-store.js';
import type { PlainNotice } from './threads/protocol.js';
import { PushLines } from './threads/push-lines.js';
import { Router } from './threads/router.js';
import { ShardClient } from './threads/shard-client.js';
import type { ShardHost } from './threads/shard-host.js';
import type { Links } from './threads/shard-link.js';
import { ThreadLinks } from './threads/thread-link.js';
import type { MemoryTimers } from './timers/memory-runner.js';

/**
 * Starts a runtime: prepares the database, starts the shards and resolves when all of them take commands,
 * or, in exclusive ownership, when it stands by because another process owns the log.
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
  /** Hears who fires timers, where something arms them. */
  firing?(timers: MemoryTimers | undefined): void;
}

/** As `startRuntime`, with parts of a test's own. Not public: `testRuntime` of `troupe/testing` is. */
export async function startWith(
  options: RuntimeOptions,
  { clock = systemClock, openStore, firing }: Seams,
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
  const inline = inlineOf(domain, stores, store, notice);
  const { access, views } = await openViews(stores, store, domain);
  const links = await openLinks(resolved, url, domain, { openStore: stores.open, clock });
  const [router, lines] = [new Router(STOPPING), new PushLines()];
  const sending = { limits: resolved.shard.limits, timeoutMs: resolved.timeoutMs };
  const quarantines = quarantiningOf(store, () => ownership.shards);
  let [foreign, feeds, timers]: [ForeignCommits?, Feeds?, RuntimeTimers?] = [];
  const dispatch: Dispatch = (message) => router.send({ ...message, ref: newRef() });
  const shardHost: ShardHost = {
    ...resolved,
    ...{ store, openLink: links.open, lines, clock, notice },
    answerEvents: (events) => eventsForAnswer(domain, events, notice),
    quarantined: () => quarantines.watch.streams,
    stored(ranges) {
      foreign?.stored(ranges);
      feeds?.stored();
      timers?.memory?.wake();
    },
  };
  const ownership = ownershipOf(resolved, stores, { links, shardHost, router, notice, inline });
  try {
    await quarantines.watch.start();
    await ownership.start();
    refuseToShare(ownership.status);
    feeds = await Feeds.start({
      ...{ domain, url, stores, store, lines, notice, sending },
      ...{ options: resolved.store, shards: resolved.shards, indexes: resolved.indexes },
      ...{ consumers: consumersOf(domain, { access, sending, clock, log: store }), dispatch },
    });
  } catch (error) {
    quarantines.watch.stop();
    await undo({ ownership, links, views, store });
    throw error;
  }
  // Nobody else appends to a log that is owned exclusively.
  if (resolved.ownership === 'shared')
    foreign = followOthers({ store, stores, ownership, router, notice, feeds });
  views.dropRetired(resolved.keepOldTablesMs);
  const client = clientOf(router, feeds, stampSetup(sending, domain, clock));
  timers = startTimers({ ...{ domain, store, access, clock, sending, dispatch }, firing, notice });
  const opened = { store, domain, feeds, views, client };
  const seen = { options: resolved, domain, url, store, quarantines, feeds, stamp: client.stamp };
  const inside = startInspection({ ...seen, shards: () => ownership.shards });
  const own = { inline, timers, inside, sagas: openSagas(opened) };
  return new Runtime({ ...opened, ...own, ownership, links, emitter, foreign });
}

/** Ends what a start had begun when it failed. */
async function undo({
  ownership,
  links,
  views,
  store,
}: Pick<RuntimeParts, 'ownership' | 'links' | 'views' | 'store'>): Promise<void> {
  await ownership.stop(0);
  await links.discard?.();
  await views.close();
  await store.close();
}

function clientOf(router: Router, { readers }: Feeds, stamp: StampSetup): ClientSetup {
  return { router, readers, stamp, newId: stamp.newId };
}

interface OwnershipParts {
  readonly links: Links;
  readonly shardHost: ShardHost;
  readonly router: Router;
  readonly inline: InlineProjections;
  notice(notice: PlainNotice): void;
}

function ownershipOf(
  { ownership, leaseMs, shards }: ResolvedRuntime,
  stores: StoreOpener,
  { links, shardHost, router, notice, inline }: OwnershipParts,
): Ownership {
  return new Ownership({
    ...{ leaseMs, router, notice },
    leases: ownership === 'exclusive' ? stores.openLeases?.(leaseMs) : undefined,
    claimant: { runtimeId: uuidv7(), host: hostname(), pid: process.pid },
    startShards: shardStarter(shards, shardHost, inline),
    prepareShards: () => links.prepare?.(shards),
  });
}

function shardStarter(count: number, host: ShardHost, inline: InlineProjections): StartShards {
  return async (lease, disowned) => {
    await inline.prepare();
    const shards = Array.from(
      { length: Math.max(1, count) },
      (_, index) => new ShardClient(index, { ...host, lease, disowned }),
    );
    try {
      // One after the other, so that threads are numbered as their shards are; they come up side by side.
      for (const shard of shards) await shard.start();
      await Promise.all(shards.map((shard) => shard.whenReady));
      return shards;
    } catch (error) {
      await Promise.all(shards.map((shard) => shard.stop(0)));
      throw startFailure(error);
    }
  };
}

/** A shared runtime does not stand by at its start: that two kinds meet on one log is a mistake of the set-up. */
function refuseToShare({ mode, role, owner }: OwnershipStatus): void {
  if (mode === 'exclusive' || role === 'active') return;
  const message = `${describeOwner(owner)} owns this log exclusively: stop it, or start this runtime with ownership: 'exclusive'`;
  throw new SetupError('NotOwner', message, { owner: owner ?? null });
}

function inlineOf(
  domain: Domain,
  { openInline }: StoreOpener,
  log: Store,
  notice: (notice: PlainNotice) => void,
): InlineProjections {
  return new InlineProjections({ readers: readInline(domain), log, notice, open: openInline });
}

/** The views of a domain, with their tables made; those in memory are folded when they are asked. */
async function openViews(
  stores: StoreOpener,
  store: Store,
  domain: Domain,
): Promise<{ readonly access: ViewAccess; readonly views: Views }> {
  const access = stores.openViews?.() ?? memoryViews();
  const refresh = access.checkpoints ? undefined : foldWhenAsked(store, access, domain);
  const views = new Views(domain, access, refresh);
  try {
    await views.prepare();
    await refuseStranded(domain, (view) => views.client(view, UNWAITED));
    return { access, views };
  } catch (error) {
    await views.close();
    await store.close();
    throw error;
  }
}

/** Nobody waits for a view before there is anything that folds it. */
const UNWAITED: Readers = {
  check: () => undefined,
  waitFor: () => Promise.resolve(),
};

interface SagaHost {
  readonly domain: Domain;
  readonly client: ClientSetup;
  readonly views: Views;
  readonly store: Store;
  readonly feeds: Feeds;
}

function openSagas({ domain, client, views, store, feeds }: SagaHost): Sagas {
  return new Sagas({
    ...{ domain, client },
    ask: askVia((message) => client.router.send(message), client.stamp),
    view: (definition) => views.client(definition, feeds.readers),
    logEnd: async () => (await store.logEnd([])).position,
    waitFor: (name, position, timeoutMs) => feeds.readers.waitFor(name, position, { timeoutMs }),
    grown: (ms) => feeds.signal.next(ms),
  });
}

interface Followers {
  readonly store: Store;
  readonly stores: StoreOpener;
  readonly ownership: Ownership;
  readonly router: Router;
  readonly feeds: Feeds;
  notice(notice: PlainNotice): void;
}

/** What other processes commit reaches the actors of this one. */
function followOthers({
  store,
  stores,
  ownership,
  router,
  notice,
  feeds,
}: Followers): ForeignCommits {
  const tell = (what: string, cause: Error | undefined): void =>
    notice({
      kind: 'warning',
      message: cause ? `${what}: ${cause.message}` : `${what} again`,
      cause: cause && toPlainError(cause),
    });
  let isDeaf = false;
  return new ForeignCommits({
    store,
    writers: () => ownership.shards.flatMap((shard) => shard.writerId ?? []),
    deliver: (heads) => router.hearOf(heads),
    openWakeUps: ({ wake, heard }) =>
      stores.openWakeUps?.({
        heard,
        wake(position) {
          wake(position);
          feeds.wake(position);
        },
      }),
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

async function openLinks(
  options: ResolvedRuntime,
  url: URL | undefined,
  domain: Domain,
  local: { readonly openStore: () => Store; readonly clock: Clock },
): Promise<Links> {
  if (options.shards > 0 && url && options.store.kind === 'postgres')
    return new ThreadLinks({ domain: url.href, store: options.store, options: options.shard });
  return { open: localLinks(await startServices(domain), options.shard, local) };
}

function startFailure(error: unknown): Error {
  if (error instanceof Error) return error;
  const { code, message, details } = error as { code?: string; message?: string; details?: object };
  return new SetupError(code ?? 'ShardNotStarted', message ?? String(error), details ?? {}, error);
}
