import { type Credentials, type PostgresOptions, resolvePostgres } from '../postgres/options.js';
import { MemoryLog } from '../store/memory-log.js';
import type { MemoryStoreOptions } from '../store/memory-options.js';
import { openMemoryStore } from '../store/memory-store.js';
import type { Leases } from '../store/ownership.js';
import type { Store } from '../store/store.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import type { ViewAccess } from '../store/view-tables.js';
import type { WakeUpListener, WakeUps } from '../store/wake-ups.js';
import { type AwaitDatabase, awaitDatabase, databaseOf } from './await-database.js';

/** What opens stores on one log. */
export interface StoreOpener {
  open(): Store;
  /** Leases on the log; undefined where there are none. */
  openLeases?(leaseMs: number): Leases;
  /** Opens the line to other processes on the log, if there is to be one. */
  openWakeUps?(listener: WakeUpListener): WakeUps | undefined;
  /** Opens the tables of views; without it they are kept in memory. */
  openViews?(): ViewAccess;
  /** Opens the subscriptions of the log, where it has any. */
  openSubscriptions?(options: SubscriptionOptions): SubscriptionStore;
}

/** How subscriptions are opened. */
export interface SubscriptionOptions {
  /** How long a lease lasts. Milliseconds. */
  readonly leaseMs: number;
  /** Batches that are handled at a time. */
  readonly batches: number;
}

/** Connections beside those of batches: for leases, and for reading. */
const SPARE_CONNECTIONS = 2;
const MAX_CONNECTIONS = 10;

function leaseOptions({ leaseMs, batches }: SubscriptionOptions) {
  return { leaseMs, connections: Math.min(MAX_CONNECTIONS, batches + SPARE_CONNECTIONS) };
}

/** Makes the log ready for use, waiting for a database that is away, and returns what opens stores on it in this thread. */
export async function openStores(
  options: PostgresOptions | MemoryStoreOptions,
  waiting: Omit<AwaitDatabase, 'where'>,
  credentials?: Credentials,
): Promise<StoreOpener> {
  if (options.kind === 'memory') {
    const log = options.log ?? new MemoryLog();
    return { open: () => openMemoryStore(log) };
  }
  const [
    { PostgresStore },
    { PostgresLeases },
    { prepareDatabase },
    { PostgresWakeUps },
    { PostgresSubscriptions },
    views,
  ] = await Promise.all([
    import('../postgres/postgres-store.js'),
    import('../postgres/postgres-leases.js'),
    import('../postgres/migrate.js'),
    import('../postgres/wake-ups.js'),
    import('../postgres/subscriptions.js'),
    import('../postgres/views/postgres-views.js'),
  ]);
  const resolved = resolvePostgres(options);
  const where = databaseOf(resolved.url);
  await awaitDatabase(() => prepareDatabase(resolved, credentials), { ...waiting, where });
  const onStalled = (after: number, pids: readonly number[]): void => {
    const by = pids.length > 0 ? `backend ${pids.join(', ')}` : 'a prepared transaction';
    const message = `The log cannot be read past position ${after}: ${by} has held the next one for more than 5 s. Look for it in pg_stat_activity`;
    waiting.notice({ kind: 'warning', message, cause: undefined });
  };
  return {
    open: () => new PostgresStore(resolved, { credentials, onStalled }),
    openWakeUps: (listener) =>
      resolved.wakeUps ? new PostgresWakeUps(resolved, listener, credentials) : undefined,
    openLeases: (leaseMs) => new PostgresLeases(resolved, leaseMs, credentials),
    openSubscriptions: (given) =>
      new PostgresSubscriptions(resolved, leaseOptions(given), credentials),
    openViews: () => views.openPostgresViews(resolved, credentials),
  };
}

/** Opens the store of a shard thread; the host has made the database ready. */
export async function openPostgresStore(
  options: PostgresOptions,
  credentials?: Credentials,
): Promise<Store> {
  const { PostgresStore } = await import('../postgres/postgres-store.js');
  return new PostgresStore(resolvePostgres(options), { credentials });
}

/** Opens the subscriptions of the processor thread. */
export async function openPostgresSubscriptions(
  options: PostgresOptions,
  given: SubscriptionOptions,
  credentials?: Credentials,
): Promise<SubscriptionStore> {
  const { PostgresSubscriptions } = await import('../postgres/subscriptions.js');
  return new PostgresSubscriptions(resolvePostgres(options), leaseOptions(given), credentials);
}

/** Opens the tables of views in the processor thread. */
export async function openPostgresViews(
  options: PostgresOptions,
  credentials?: Credentials,
): Promise<ViewAccess> {
  const views = await import('../postgres/views/postgres-views.js');
  return views.openPostgresViews(resolvePostgres(options), credentials);
}
