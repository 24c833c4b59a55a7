import { type Credentials, type PostgresOptions, resolvePostgres } from '../postgres/options.js';
import { MemoryLog } from '../store/memory-log.js';
import type { MemoryStoreOptions } from '../store/memory-options.js';
import { openMemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import type { ViewAccess } from '../store/view-tables.js';
import type { WakeUpListener, WakeUps } from '../store/wake-ups.js';
import { type AwaitDatabase, awaitDatabase, databaseOf } from './await-database.js';

/** What opens stores on one log. */
export interface StoreOpener {
  open(): Store;
  /** Opens the line to other processes on the log, if there is to be one. */
  openWakeUps?(listener: WakeUpListener): WakeUps | undefined;
  /** Opens the tables of views; without it they are kept in memory. */
  openViews?(): ViewAccess;
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
  const [{ PostgresStore }, { prepareDatabase }, { PostgresWakeUps }, views] = await Promise.all([
    import('../postgres/postgres-store.js'),
    import('../postgres/migrate.js'),
    import('../postgres/wake-ups.js'),
    import('../postgres/views/postgres-views.js'),
  ]);
  const resolved = resolvePostgres(options);
  const where = databaseOf(resolved.url);
  await awaitDatabase(() => prepareDatabase(resolved, credentials), { ...waiting, where });
  return {
    open: () => new PostgresStore(resolved, { credentials }),
    openWakeUps: (listener) =>
      resolved.wakeUps ? new PostgresWakeUps(resolved, listener, credentials) : undefined,
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
