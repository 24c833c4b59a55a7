import type { Domain } from '../aggregate/domain.js';
import { FoldedReaders } from '../dispatcher/folded-readers.js';
import { indexConsumers } from '../dispatcher/indexes.js';
import type { Consumer, Operation } from '../dispatcher/subscription.js';
import { Subscriptions } from '../dispatcher/subscriptions.js';
import { WakeSignal } from '../dispatcher/wake-signal.js';
import type { Dispatch } from '../messages/answer.js';
import { SetupError } from '../messages/errors.js';
import type { Sending } from '../messages/sending.js';
import { PostgresIndexTables } from '../postgres/index-tables.js';
import { DEFAULT_SCHEMA, type PostgresOptions } from '../postgres/options.js';
import type { IndexOptions } from '../store/indexes.js';
import type { MemoryStoreOptions } from '../store/memory-options.js';
import type { Store } from '../store/store.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import type { SubscriptionMetrics } from '../telemetry/host-feeds.js';
import type { StoreOpener } from './open-store.js';
import { ProcessorClient } from './processor-client.js';
import { localProcessor, threadProcessor } from './processor-link.js';
import type { OperateOptions } from './processor-operations.js';
import type { PlainNotice } from './protocol.js';
import type { PushLines } from './push-lines.js';

/** What the feeds of a runtime are made of. */
export interface FeedsParts {
  readonly domain: Domain;
  /** The domain module; absent where the host was given the module itself. */
  readonly url: URL | undefined;
  readonly options: PostgresOptions | MemoryStoreOptions;
  readonly stores: StoreOpener;
  readonly store: Store;
  /** By which the shards push what they commit. */
  readonly lines: PushLines;
  /** 0: everything runs in the host's thread. */
  readonly shards: number;
  readonly sending: Sending;
  /** Which built-in indexes this process fills. */
  readonly indexes: IndexOptions;
  /** Makes the consumers of the domain, which send their commands this way. */
  consumers(dispatch: Dispatch): readonly Consumer[];
  /** Sends the commands of consumers. */
  readonly dispatch: Dispatch;
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
    const { domain, stores, store } = parts;
    const consumers = allConsumers(parts)(parts.dispatch);
    const names = consumers.map((consumer) => consumer.name);
    const lease = { leaseMs: LEASE_MS, batches: HOST_BATCHES };
    const subscriptions = stores.openSubscriptions?.(lease);
    if (!subscriptions) {
      warnOfMemory(names, parts);
      return new Feeds(undefined, undefined, new FoldedReaders(domain));
    }
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

  /** Figures of the subscriptions that this process runs or stands by for. */
  get metrics(): readonly SubscriptionMetrics[] {
    return this.processor?.telemetry.read() ?? [];
  }

  /** What waits for readers of the log. */
  get readers(): Subscriptions | FoldedReaders {
    return this.known ?? this.folded;
  }

  /** This process has stored something: its shards push it to the processor. */
  stored(): void {
    this.signal.wake();
  }

  /** The log may have grown. */
  wake(position: number | undefined): void {
    this.processor?.wake(position);
    this.signal.wake();
  }

  /** Asks something of a subscription of this domain beside its batches. */
  async operate(name: string, operation: Operation, options: OperateOptions): Promise<void> {
    if (this.processor) return this.processor.operate(name, operation, options);
    throw new SetupError(
      'NeedsPostgres',
      `${name}: ${operation.kind} needs the store postgres: in memory a view is folded from the log when it is asked`,
      { name },
    );
  }

  async stop(drainMs: number): Promise<void> {
    this.signal.end();
    await this.processor?.stop(drainMs);
    await this.known?.close();
  }
}

/** Views are folded when they are asked there. */
function warnOfMemory(names: readonly string[], { domain, notice }: FeedsParts): void {
  const left = names.filter((name) => domain.readers.get(name)?.kind !== 'view');
  if (left.length === 0) return;
  const message = `subscriptions need a database, and do not run on this store: ${left.join(', ')}`;
  notice({ kind: 'warning', message, cause: undefined });
}

/** Those of the domain, and those that fill built-in indexes: in this order in each thread. */
function allConsumers({
  consumers,
  indexes,
  options,
}: FeedsParts): (dispatch: Dispatch) => readonly Consumer[] {
  const schema = (options.kind === 'postgres' ? options.schema : undefined) ?? DEFAULT_SCHEMA;
  const tables = new PostgresIndexTables(schema);
  return (dispatch) => [...consumers(dispatch), ...indexConsumers(indexes, tables)];
}

function startProcessor(
  parts: FeedsParts,
  {
    consumers,
    subscriptions,
    known,
  }: { consumers: readonly Consumer[]; subscriptions: SubscriptionStore; known: Subscriptions },
): ProcessorClient {
  const { domain, url, options, stores, shards, sending, indexes, dispatch, lines, notice } = parts;
  const isRemote = shards > 0 && url !== undefined && options.kind === 'postgres';
  const open = isRemote
    ? threadProcessor(url, { store: options, sending, indexes, consumers: consumers.length })
    : localProcessor(() => ({
        ...{ domain, store: stores.open() },
        consumers: allConsumers(parts),
        subscriptions:
          stores.openSubscriptions?.({ leaseMs: LEASE_MS, batches: consumers.length }) ??
          subscriptions,
      }));
  return new ProcessorClient({
    ...{ open, consumers, subscriptions, isRemote, dispatch, lines, notice },
    ...{ leaseMs: LEASE_MS, blockedAfterMs: BLOCKED_AFTER_MS },
    changed: (status) => known.changed(status),
  });
}
