import type { MemoryLog } from './memory-log.js';

/** A log in memory, for tests and small jobs: needs `shards: 0`, and is gone with the process. */
export interface MemoryStoreOptions {
  readonly kind: 'memory';
  /** A log that outlives this runtime, so that another one can be started on it. Default: a new one. */
  readonly log?: MemoryLog;
}
