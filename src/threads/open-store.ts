import { type Credentials, type PostgresOptions, resolvePostgres } from '../postgres/options.js';
import { MemoryLog } from '../store/memory-log.js';
import type { MemoryStoreOptions } from '../store/memory-options.js';
import { openMemoryStore } from '../store/memory-store.js';
import type { Leases } from '../store/ownership.js';
import type { Store } from '../store/store.js';

/** Opens stores on one log. */
export interface StoreOpener {
  open(): Store;
  /** Leases on the log; undefined where there are none. */
  openLeases?(leaseMs: number): Leases;
}

/** Makes the log ready for use and returns what opens stores on it in this thread. */
export async function openStores(
  options: PostgresOptions | MemoryStoreOptions,
  credentials?: Credentials,
): Promise<StoreOpener> {
  if (options.kind === 'memory') {
    const log = options.log ?? new MemoryLog();
    return { open: () => openMemoryStore(log) };
  }
  const [{ PostgresStore }, { PostgresLeases }, { prepareDatabase }] = await Promise.all([
    import('../postgres/postgres-store.js'),
    import('../postgres/postgres-leases.js'),
    import('../postgres/migrate.js'),
  ]);
  const resolved = resolvePostgres(options);
  await prepareDatabase(resolved, credentials);
  return {
    open: () => new PostgresStore(resolved, { credentials }),
    openLeases: (leaseMs) => new PostgresLeases(resolved, leaseMs, credentials),
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
