import type { Domain } from '../aggregate/domain.js';
import { FoldedReaders } from '../dispatcher/folded-readers.js';
import { indexConsumers } from '../dispatcher/indexes.js';
import { readConsumers } from '../dispatcher/processor.js';
import type { Consumer } from '../dispatcher/subscription.js';
import { Subscriptions } from '../dispatcher/subscriptions.js';
import { WakeSignal } from '../dispatcher/wake-signal.js';
import { SetupError } from '../messages/errors.js';
import type { PositionRange } from '../messages/position-range.js';
import { PostgresIndexTables } from '../postgres/index-tables.js';
import { DEFAULT_SCHEMA, type PostgresOptions } from '../postgres/options.js';
import type { IndexOptions } from '../store/indexes.js';
import type { MemoryStoreOptions } from '../store/memory-options.js';
import type { Store } from '../store/store.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import type { StoreOpener } from './open-store.js';
import { ProcessorClient } from './processor-client.js';
import { localProcessor, threadProcessor } from './processor-link.js';
import type { PlainNotice } from './protocol.js';

/** What the feeds of a runtime are made of. */
export interface FeedsParts {
  readonly domain: Domain;
  /** The domain module; absent where the host was given the module itself. */
  readonly url: URL | undefined;
  readonly options: PostgresOptions | MemoryStoreOptions;
  readonly stores: StoreOpener;
  readonly store: Store;
  /** 0: everything runs in the host's thread. */
  readonly shards: number;
  /** Which built-in indexes this process fills. */
  readonly indexes: IndexOptions;
  notice(notice: PlainNotice): void;
}

const LEASE_MS = 3000;
const BLOCKED_AFTER_MS = 5000;
/** Connections of the host for what operators ask. */
const HOST_BATCHES = 1;

/** What the host has of feeds: the processor, if there is anything to run, and who waits for the log. */
export class Feeds {
  /** For those who read the log live in the host. */
  readonly signal = new WakeSignal();

  private constructor(
    private readonly processor: ProcessorClient | undefined,
    private readonly known: Subscriptions | undefined,
    private readonly folded: FoldedReaders,
  ) {}

  /** Starts the processor, if the domain has anything for it to run. */
  static async start(parts: FeedsParts): Promise<Feeds> {
    const { domain, options, stores, store, notice } = parts;
    const schema = (options.kind === 'postgres' ? options.schema : undefined) ?? DEFAULT_SCHEMA;
    const consumers = [
      ...readConsumers(domain.module, { schema }, domain.readers.values()),
      ...indexConsumers(parts.indexes, new PostgresIndexTables(schema)),
    ];
    const names = consumers.map((consumer) => consumer.name);
    const lease = { leaseMs: LEASE_MS, batches: HOST_BATCHES };
    const subscriptions = stores.openSubscriptions?.(lease);
    if (!subscriptions) {
      const message = `subscriptions need a database, and do not run on this store: ${names.join(', ')}`;
      if (names.length > 0) notice({ kind: 'warning', message, cause: undefined });
      return new Feeds(undefined, undefined, new FoldedReaders(domain));
    }
    warnOfReaders(domain, notice);
    let processor: ProcessorClient | undefined;
    const known = new Subscriptions({
      ...{ store: subscriptions, log: store, names },
      poke: () => processor?.poke(),
    });
    if (consumers.length > 0)
      processor = startProcessor(parts, { consumers, subscriptions, known });
    const feeds = new Feeds(processor, known, new FoldedReaders(domain));
    try {
      await processor?.whenReady;
    } catch (error) {
      await feeds.stop(0);
      throw error;
    }
    return feeds;
  }

  /** The subscriptions of the log. Throws `NoSubscriptions` where the store has none. */
  get subscriptions(): Subscriptions {
    if (this.known) return this.known;
    throw new SetupError(
      'NoSubscriptions',
      'Subscriptions need a database: expected the store postgres',
    );
  }

  /** What waits for readers of the log. */
  get readers(): Subscriptions | FoldedReaders {
    return this.known ?? this.folded;
  }

  /** This process has stored something. */
  stored(ranges: readonly PositionRange[]): void {
    this.wake(Math.max(...ranges.map((range) => range.last)));
  }

  /** The log may have grown. */
  wake(position: number | undefined): void {
    this.processor?.wake(position);
    this.signal.wake();
  }

  async stop(drainMs: number): Promise<void> {
    this.signal.end();
    await this.processor?.stop(drainMs);
    await this.known?.close();
  }
}

function warnOfReaders({ readers }: Domain, notice: FeedsParts['notice']): void {
  if (readers.size === 0) return;
  const message = `views, projections and handlers are not run on Postgres yet: ${[...readers.keys()].join(', ')}`;
  notice({ kind: 'warning', message, cause: undefined });
}

function startProcessor(
  { domain, url, options, stores, shards, indexes, notice }: FeedsParts,
  {
    consumers,
    subscriptions,
    known,
  }: { consumers: readonly Consumer[]; subscriptions: SubscriptionStore; known: Subscriptions },
): ProcessorClient {
  const isRemote = shards > 0 && url !== undefined && options.kind === 'postgres';
  const open = isRemote
    ? threadProcessor(url, { store: options, indexes })
    : localProcessor(() => ({
        ...{ domain, consumers, store: stores.open() },
        subscriptions:
          stores.openSubscriptions?.({ leaseMs: LEASE_MS, batches: consumers.length }) ??
          subscriptions,
      }));
  return new ProcessorClient({
    ...{ open, consumers, subscriptions, isRemote, notice },
    ...{ leaseMs: LEASE_MS, blockedAfterMs: BLOCKED_AFTER_MS },
    changed: (status) => known.changed(status),
  });
}
