import { EventEmitter } from 'node:events';
import { type Domain, startServices } from './aggregate/domain.js';
import { answerEvents } from './aggregate/read-event.js';
import type { ClientSetup } from './client/aggregate-client.js';
import { relayDispatch } from './client/relay-dispatch.js';
import { type StampSetup, stampSetup } from './client/stamp.js';
import { consumersOf } from './consumers.js';
import type { ForeignCommits } from './dispatcher/foreign-commits.js';
import { readInline } from './dispatcher/inline-source.js';
import { followOthers } from './follow-others.js';
import { importDomain } from './import-domain.js';
import { type Clock, systemClock } from './internal/clock.js';
import type { AnswerEvent } from './messages/answer.js';
import type { StoredEvent } from './messages/event.js';
import { toPlainError } from './messages/plain-error.js';
import { openSagas } from './open-sagas.js';
import { openViews } from './open-views.js';
import { InlineProjections } from './projection/inline-projections.js';
import { Runtime, type RuntimeEvents, type RuntimeParts } from './runtime.js';
import { type ResolvedRuntime, type RuntimeOptions, resolveOptions } from './runtime-options.js';
import { type RuntimeTimers, startTimers } from './runtime-timers.js';
import { STOPPING } from './shard/refusals.js';
import {
  type InspectionScene,
  type Quarantining,
  quarantiningOf,
  startInspection,
} from './start-inspection.js';
import { ownershipOf, refuseToShare } from './start-ownership.js';
import type { Store } from './store/store.js';
import { logNotice } from './telemetry/log.js';
import { refuseDomainThread } from './threads/domain-thread.js';
import { Feeds } from './threads/feeds.js';
import { localLinks } from './threads/local-link.js';
import { openStores, type StoreOpener } from './threads/open-store.js';
import type { PlainNotice } from './threads/protocol.js';
import { PushLines } from './threads/push-lines.js';
import { Router } from './threads/router.js';
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
  const stores = await storesOf(resolved, { domain, notice, openStore });
  const store = stores.open();
  const inline = inlineOf(domain, stores, store, notice);
  const { access, views } = await openViews(stores, store, domain);
  const links = await openLinks(resolved, url, domain, { openStore: stores.open, clock });
  const [router, lines] = [new Router(STOPPING), new PushLines()];
  const sending = { limits: resolved.shard.limits, timeoutMs: resolved.timeoutMs };
  const quarantines = quarantiningOf(store, () => ownership.shards);
  const told: Told = {};
  const dispatch = relayDispatch(router);
  const shared = { store, openLink: links.open, lines, clock, notice };
  const shardHost = shardHostOf(resolved, { domain, quarantines, told, shared });
  const ownership = ownershipOf(resolved, stores, { links, shardHost, router, notice, inline });
  try {
    await quarantines.watch.start();
    await ownership.start();
    refuseToShare(ownership.status);
    told.feeds = await Feeds.start({
      ...{ domain, url, stores, store, lines, notice, sending },
      ...{ options: resolved.store, shards: resolved.shards, indexes: resolved.indexes },
      ...{ consumers: consumersOf(domain, { access, sending, clock, log: store }), dispatch },
    });
  } catch (error) {
    quarantines.watch.stop();
    await undo({ ownership, links, views, store });
    throw error;
  }
  const { feeds } = told;
  // Nobody else appends to a log that is owned exclusively.
  if (resolved.ownership === 'shared')
    told.foreign = followOthers({ store, stores, ownership, router, notice, feeds });
  views.dropRetired(resolved.keepOldTablesMs);
  const client = clientOf(router, feeds, stampSetup(sending, domain, clock));
  const timing = { domain, store, access, clock, sending };
  told.timers = startTimers({ ...timing, dispatch, firing, notice });
  const opened = { store, domain, feeds, views, client, inline, ownership, links, emitter };
  const { foreign, timers } = told;
  return runtimeOf({ ...opened, foreign, timers }, { options: resolved, url, quarantines });
}

interface StoresParts {
  readonly domain: Domain;
  readonly openStore: (() => Store) | undefined;
  notice(notice: PlainNotice): void;
}

async function storesOf(
  options: ResolvedRuntime,
  { domain, notice, openStore }: StoresParts,
): Promise<StoreOpener> {
  if (openStore) return { open: openStore };
  return openStores(options.store, { ...options, notice }, domain.credentials);
}

/** Those who are told of what the shards store, as far as they are started. */
interface Told {
  foreign?: ForeignCommits;
  feeds?: Feeds;
  timers?: RuntimeTimers;
}

interface ShardHostParts {
  readonly domain: Domain;
  readonly quarantines: Quarantining;
  readonly told: Told;
  readonly shared: Pick<ShardHost, 'store' | 'openLink' | 'lines' | 'clock' | 'notice'>;
}

function shardHostOf(
  options: ResolvedRuntime,
  { domain, quarantines, told, shared }: ShardHostParts,
): ShardHost {
  return {
    ...options,
    ...shared,
    answerEvents: (events) => eventsForAnswer(domain, events, shared.notice),
    quarantined: () => quarantines.watch.streams,
    stored(ranges) {
      told.foreign?.stored(ranges);
      told.feeds?.stored();
      told.timers?.memory?.wake();
    },
  };
}

/** Adds the sagas, and what looks into a runtime. */
function runtimeOf(
  parts: Omit<RuntimeParts, 'inside' | 'sagas'>,
  seen: Pick<InspectionScene, 'options' | 'url' | 'quarantines'>,
): Runtime {
  const { client, ownership } = parts;
  const scene = { ...parts, ...seen, stamp: client.stamp };
  const inside = startInspection({ ...scene, shards: () => ownership.shards });
  return new Runtime({ ...parts, inside, sagas: openSagas(parts) });
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

function inlineOf(
  domain: Domain,
  { openInline }: StoreOpener,
  log: Store,
  notice: (notice: PlainNotice) => void,
): InlineProjections {
  return new InlineProjections({ readers: readInline(domain), log, notice, open: openInline });
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
