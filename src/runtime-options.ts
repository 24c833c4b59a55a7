import { availableParallelism } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { DEFAULT_JSON_LIMITS } from './internal/json.js';
import { oneOf } from './internal/nearest.js';
import { SetupError } from './messages/errors.js';
import type { PostgresOptions } from './postgres/options.js';
import type { ShardOptions } from './shard/shard-options.js';
import { INDEXES, type IndexOptions } from './store/indexes.js';
import type { MemoryStoreOptions } from './store/memory-options.js';
import type { Logger } from './telemetry/log.js';
import type { PlainNotice } from './threads/protocol.js';

/** What `startRuntime` takes. Plain data but for the domain. */
export interface RuntimeOptions {
  /**
   * URL of the module that exports the definitions: `new URL('./domain.ts', import.meta.url)`. Each
   * shard imports it. If the `.ts` does not exist, the `.js` beside it is used. With `shards: 0` it may
   * be the imported module itself.
   */
  readonly domain: URL | object;
  /** Where the log is: Postgres, or memory (with `shards: 0`, for tests). */
  readonly store: PostgresOptions | MemoryStoreOptions;
  /** Threads that run actors. Default: cores - 1, at least 1. 0 runs them in the host's thread. */
  readonly shards?: number;
  /**
   * Who may work on the log. `shared` (default): any number of processes, correct by versions, slower
   * where they meet on one id. `exclusive`: one at a time, under a lease in the database; the others
   * stand by, refuse commands as `NotOwner` naming the owner, and take over when it leaves or dies.
   * A shared runtime does not start while a log is owned; an exclusive one that starts takes it from
   * shared ones.
   */
  readonly ownership?: 'shared' | 'exclusive';
  /**
   * Exclusive: how long the owner may be unheard of before another process takes over. Milliseconds, by
   * the database's clock. Default 3 000. Shorter means sooner, and more take-overs for no good reason.
   */
  readonly leaseMs?: number;
  /** Events per group commit at most. Default 500. */
  readonly maxBatchRows?: number;
  /** Bytes per group commit at most. Default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** Commands that may wait for one actor; beyond it they are refused as `Overloaded`. Default 10 000. */
  readonly mailboxSize?: number;
  /** Commands under way per shard; beyond it they are refused as `Overloaded`. Default 50 000. */
  readonly maxInFlight?: number;
  /** Bytes of commands under way per shard. Default 64 MiB. */
  readonly maxInFlightBytes?: number;
  /** Deadline of a command that names none, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
  /** How long past its deadline a decided command may stay without an answer before its caller gets
   * `OutcomeUnknown`. Milliseconds. Default 10 000. */
  readonly unknownAfterMs?: number;
  /** Times a command is decided again after conflicts before it is refused as `Contended`. Default 20. */
  readonly maxConflicts?: number;
  /** An actor without work for this long leaves memory. Milliseconds. Default 600 000. */
  readonly idleMs?: number;
  /** Used heap of a shard's thread above which idle actors leave memory. Bytes. Default: half of what V8 allows. */
  readonly heapBytes?: number;
  /** Bytes of one event's or command's JSON at most. Default 1 MiB. */
  readonly maxPayloadBytes?: number;
  /** Levels of nesting of one event's or command's JSON at most. Default 64. */
  readonly maxPayloadDepth?: number;
  /** Gives `decide` a frozen copy of the state, so that changing it throws. Default: unless NODE_ENV is `production`. */
  readonly freezeState?: boolean;
  /**
   * Indexes of the log that this process helps to fill, one process at a time, behind the commits: by
   * command id for `runtime.command`, by correlation id for `runtime.correlation`. Each costs a row per
   * event, and begins with the first event of the log. Needs Postgres. Default: none.
   */
  readonly indexes?: IndexOptions;
  /** How long the outcome of a command with an idempotency key is kept. Milliseconds, or Infinity. Default 7 days. */
  readonly keepOutcomesMs?: number;
  /**
   * How long the table of a view or projection is kept after another has taken its place. Milliseconds.
   * Default 600 000.
   */
  readonly keepOldTablesMs?: number;
  /**
   * Takes the log records of all threads: pino, or anything of its form. Default: nothing is logged.
   * Names, ids and errors as plain data; never payloads.
   */
  readonly logger?: Logger;
  /**
   * How long the start waits for a database that cannot be reached; then it fails with
   * `DatabaseUnreachable`. Milliseconds; 0 = not at all. Default 30 000.
   */
  readonly startTimeoutMs?: number;
  /**
   * Hears what the runtime tells, as `runtime.on` does, from its start on. Default: that the start waits
   * for the database is said by a warning of the process, nothing else.
   */
  readonly onNotice?: (notice: PlainNotice) => void;
}

/** `RuntimeOptions` with defaults filled in. */
export interface ResolvedRuntime {
  readonly domain: URL | object;
  readonly store: PostgresOptions | MemoryStoreOptions;
  readonly shards: number;
  readonly indexes: IndexOptions;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly timeoutMs: number;
  readonly unknownAfterMs: number;
  readonly ownership: 'shared' | 'exclusive';
  readonly leaseMs: number;
  readonly keepOldTablesMs: number;
  readonly logger: Logger | undefined;
  readonly startTimeoutMs: number;
  readonly onNotice: ((notice: PlainNotice) => void) | undefined;
  readonly shard: ShardOptions;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a numeric option may be. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly fallback: () => number;
}

const MEBIBYTE = 1024 * 1024;
const ANY = Number.MAX_SAFE_INTEGER;
const RANGES = {
  shards: { least: 0, most: 64, fallback: () => Math.max(1, availableParallelism() - 1) },
  maxBatchRows: { least: 1, most: 10_000, fallback: () => 500 },
  maxBatchBytes: { least: 1024, most: 64 * MEBIBYTE, fallback: () => MEBIBYTE },
  mailboxSize: { least: 1, most: 1_000_000, fallback: () => 10_000 },
  maxInFlight: { least: 1, most: 1_000_000, fallback: () => 50_000 },
  maxInFlightBytes: { least: 1024, most: ANY, fallback: () => 64 * MEBIBYTE },
  timeoutMs: { least: 1, most: DAY_MS, fallback: () => 30_000 },
  unknownAfterMs: { least: 1, most: DAY_MS, fallback: () => 10_000 },
  leaseMs: { least: 200, most: DAY_MS, fallback: () => 3000 },
  maxConflicts: { least: 1, most: 1000, fallback: () => 20 },
  idleMs: { least: 0, most: ANY, fallback: () => 600_000 },
  heapBytes: {
    least: MEBIBYTE,
    most: ANY,
    fallback: () => getHeapStatistics().heap_size_limit / 2,
  },
  maxPayloadBytes: { least: 16, most: 64 * MEBIBYTE, fallback: () => DEFAULT_JSON_LIMITS.maxBytes },
  maxPayloadDepth: { least: 1, most: 1000, fallback: () => DEFAULT_JSON_LIMITS.maxDepth },
  keepOutcomesMs: { least: 0, most: Number.POSITIVE_INFINITY, fallback: () => 7 * DAY_MS },
  keepOldTablesMs: { least: 0, most: ANY, fallback: () => 600_000 },
  startTimeoutMs: { least: 0, most: DAY_MS, fallback: () => 30_000 },
} satisfies Record<string, Range>;

const OTHERS = ['domain', 'store', 'ownership', 'freezeState', 'indexes', 'logger', 'onNotice'];
const STORE_OPTIONS = {
  postgres: [
    'kind',
    'url',
    'schema',
    'migrate',
    'lockTimeoutMs',
    'namedStatements',
    'directUrl',
    'wakeUps',
  ],
  memory: ['kind', 'log'],
};
const LOCK_TIMEOUT: Range = { least: 1, most: DAY_MS, fallback: () => 1000 };

/** Fills in defaults and checks each option. Throws `SetupError` naming option, expectation and value. */
export function resolveOptions(options: RuntimeOptions): ResolvedRuntime {
  const misspelt = Object.keys(options).find(
    (key) => !OTHERS.includes(key) && !Object.hasOwn(RANGES, key),
  );
  if (misspelt)
    throw invalid(
      misspelt,
      oneOf([...OTHERS, ...Object.keys(RANGES)], misspelt),
      'an unknown option',
    );
  const value = (name: keyof typeof RANGES): number => inRange(name, RANGES[name], options[name]);
  const shards = value('shards');
  checkStore(options, shards);
  checkOwnership(options);
  checkLogger(options.logger);
  checkIndexes(options);
  return {
    domain: options.domain,
    store: options.store,
    shards,
    indexes: options.indexes ?? {},
    maxInFlight: value('maxInFlight'),
    maxInFlightBytes: value('maxInFlightBytes'),
    timeoutMs: value('timeoutMs'),
    unknownAfterMs: value('unknownAfterMs'),
    ownership: options.ownership ?? 'shared',
    leaseMs: value('leaseMs'),
    keepOldTablesMs: value('keepOldTablesMs'),
    logger: options.logger,
    startTimeoutMs: value('startTimeoutMs'),
    onNotice: functionOrNone('onNotice', options.onNotice),
    shard: {
      batch: { maxRows: value('maxBatchRows'), maxBytes: value('maxBatchBytes') },
      lockTimeoutMs: lockTimeout(options.store),
      mailboxSize: value('mailboxSize'),
      maxConflicts: value('maxConflicts'),
      idleMs: value('idleMs'),
      heapBytes: value('heapBytes'),
      limits: { maxBytes: value('maxPayloadBytes'), maxDepth: value('maxPayloadDepth') },
      freezeState:
        flag('freezeState', options.freezeState) ?? process.env.NODE_ENV !== 'production',
      keepOutcomesMs: value('keepOutcomesMs'),
    },
  };
}

/** A number as given, or the default. Throws `InvalidOption` if it is not whole or out of range. */
export function inRange(name: string, { least, most, fallback }: Range, given: unknown): number {
  if (given === undefined) return fallback();
  const whole = Number.isInteger(given) || given === most;
  if (typeof given === 'number' && whole && given >= least && given <= most) return given;
  throw invalid(
    name,
    `a whole number from ${least} to ${most}`,
    typeof given === 'number' ? String(given) : JSON.stringify(given),
  );
}

function functionOrNone<T>(name: string, given: T): T {
  if (given === undefined || typeof given === 'function') return given;
  throw invalid(name, 'a function', typeof given);
}

function flag(name: string, given: boolean | undefined): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given;
  throw invalid(name, 'true or false', JSON.stringify(given));
}

function checkStore({ domain, store }: RuntimeOptions, shards: number): void {
  const kind: unknown = store?.kind;
  if (kind !== 'postgres' && kind !== 'memory')
    throw invalid('store.kind', "'postgres' or 'memory'", JSON.stringify(kind));
  const misspelt = Object.keys(store).find((key) => !STORE_OPTIONS[kind].includes(key));
  if (misspelt)
    throw invalid(`store.${misspelt}`, oneOf(STORE_OPTIONS[kind], misspelt), 'an unknown option');
  if (store.kind === 'postgres' && typeof store.url !== 'string')
    throw invalid('store.url', 'a connection string', typeof store.url);
  if (store.kind === 'postgres') flag('store.migrate', store.migrate);
  if (store.kind === 'memory' && shards > 0)
    throw invalid('shards', '0, since the memory store lives in one thread', String(shards));
  if (!(domain instanceof URL) && shards > 0) {
    throw invalid(
      'domain',
      "a URL, e.g. new URL('./domain.ts', import.meta.url), since functions cannot cross threads",
      typeof domain,
    );
  }
}

function checkOwnership({ ownership, store }: RuntimeOptions): void {
  const given: unknown = ownership;
  if (given !== undefined && given !== 'shared' && given !== 'exclusive')
    throw invalid('ownership', "'shared' or 'exclusive'", JSON.stringify(given));
  if (given === 'exclusive' && store.kind === 'memory')
    throw invalid(
      'ownership',
      "'shared' with the memory store, which no other process sees",
      given,
    );
}

function checkIndexes({ indexes = {}, store }: RuntimeOptions): void {
  const names: readonly string[] = INDEXES;
  if (typeof indexes !== 'object' || indexes === null)
    throw invalid('indexes', '{ commands?: boolean, correlations?: boolean }', String(indexes));
  for (const [name, given] of Object.entries(indexes as Record<string, unknown>)) {
    if (!names.includes(name))
      throw invalid(`indexes.${name}`, oneOf([...names], name), 'an unknown index');
    if (flag(`indexes.${name}`, given as boolean) && store.kind === 'memory')
      throw invalid(`indexes.${name}`, 'the store postgres, where indexes are kept', 'memory');
  }
}

function checkLogger(logger: unknown): void {
  if (logger === undefined) return;
  const methods = (logger ?? {}) as Record<string, unknown>;
  const lacking = ['info', 'warn', 'error'].find((level) => typeof methods[level] !== 'function');
  if (lacking)
    throw invalid('logger', 'a logger with info, warn and error, as pino', `none with ${lacking}`);
}

function lockTimeout(store: RuntimeOptions['store']): number {
  const given = store.kind === 'postgres' ? store.lockTimeoutMs : undefined;
  return inRange('store.lockTimeoutMs', LOCK_TIMEOUT, given);
}

function invalid(option: string, expected: string, given: string): SetupError {
  return new SetupError('InvalidOption', `Option ${option}: expected ${expected}, got ${given}`, {
    option,
    expected,
    given,
  });
}
