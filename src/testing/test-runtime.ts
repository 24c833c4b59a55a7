import { type Aggregate, isAggregate } from '../aggregate/define-aggregate.js';
import type { Ids } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import type { Runtime } from '../runtime.js';
import type { RuntimeOptions } from '../runtime-options.js';
import { startWith } from '../start-runtime.js';
import { MemoryLog } from '../store/memory-log.js';
import { openMemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { resolveModule } from '../threads/entry.js';
import type { MemoryTimers } from '../timers/memory-runner.js';
import { FakeClock } from './fake-clock.js';
import { type FaultPlan, Faults } from './fault-plan.js';
import { FaultyStore } from './faulty-store.js';
import { sequentialIds } from './sequential-ids.js';

/** What `testRuntime` takes: bounds and policies as `startRuntime` does, and what a test holds in its hands. */
export interface TestRuntimeOptions extends Omit<RuntimeOptions, 'domain' | 'store' | 'shards'> {
  /** The domain module, its URL, or the definitions themselves. */
  readonly domain: URL | object | readonly Aggregate[];
  /** Time of everything in the runtime. Default: a new `FakeClock`; it stands still until it is moved. */
  readonly clock?: FakeClock;
  /** Ids of commands and new instances. Default: `sequentialIds()`. */
  readonly ids?: Ids;
  /** What deciders get as `context.services`, by name of the aggregate, instead of what its factory makes. */
  readonly services?: Readonly<Record<string, unknown>>;
  /** A log that outlives this runtime: start another one on it, and it is as if the process had been restarted. */
  readonly log?: MemoryLog;
  /** Opens another store than the one in memory; called twice, and each is closed at the end. */
  readonly openStore?: () => Store;
  /** What is to go wrong in the store, from the start. */
  readonly faults?: FaultPlan;
}

/** A runtime in process, and what a test holds in its hands. */
export interface TestRuntime {
  readonly runtime: Runtime;
  /** As `runtime.aggregate`. */
  readonly aggregate: Runtime['aggregate'];
  readonly clock: FakeClock;
  /**
   * Moves time on, and stops at each timer that is due on the way: its command is decided with the clock
   * at its due time, and what that arms is fired in its turn. Resolves when nothing is due any more but
   * what failed, which is tried again in real time.
   */
  advance(ms: number): Promise<void>;
  /** The log in memory; empty where `openStore` is given. */
  readonly log: MemoryLog;
  /** What goes wrong in the store; may be changed at any moment. */
  readonly faults: Faults;
  /** Stops the runtime. It need not be called where the test ends by `await using`. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a runtime in this process on a log in memory, with a clock that a test moves, ids that are the
 * same on every run, and a store that fails as told. Commands take the path that they take in
 * production: validation, mailboxes, group commit, outcomes, snapshots, recovery.
 *
 * What it does not cover: threads and what ends them (guarantee 8), back-pressure of ports, Postgres
 * with its locks, connections and restarts, and the waits between retries, which are real time.
 *
 * @example
 * await using troupe = await testRuntime({ domain: [account] });
 * await troupe.aggregate(account).create({ type: 'open', data: { owner: 'mia' } }, { id: 'a' });
 * troupe.clock.advance(60_000);
 */
export async function testRuntime(options: TestRuntimeOptions): Promise<TestRuntime> {
  const {
    domain,
    clock = new FakeClock(),
    ids,
    services,
    log,
    openStore,
    faults,
    ...rest
  } = options;
  const memory = log ?? new MemoryLog(clock);
  const plan = new Faults(faults);
  const open = openStore ?? (() => openMemoryStore(memory));
  const exported = withServices(await exportsOf(domain), services ?? {});
  let firing: MemoryTimers | undefined;
  const runtime = await startWith(
    {
      ...rest,
      domain: { ...exported, clock, ids: ids ?? exported.ids ?? sequentialIds() },
      store: { kind: 'memory', log: memory },
      shards: 0,
    },
    {
      ...{ clock, openStore: () => new FaultyStore(open(), plan) },
      firing(timers) {
        firing = timers;
      },
    },
  );
  const stop = () => runtime.stop();
  return {
    runtime,
    aggregate: (definition) => runtime.aggregate(definition),
    clock,
    advance: (ms) => advance(clock, ms, firing),
    log: memory,
    faults: plan,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function advance(
  clock: FakeClock,
  ms: number,
  timers: MemoryTimers | undefined,
): Promise<void> {
  const end = clock.now() + ms;
  await timers?.settled();
  for (let due = timers?.nextDue; due !== undefined && due <= end; due = timers?.nextDue) {
    clock.advance(due - clock.now());
    await timers?.settled();
  }
  clock.advance(end - clock.now());
}

async function exportsOf(domain: TestRuntimeOptions['domain']): Promise<Record<string, unknown>> {
  const module: unknown = domain instanceof URL ? await import(resolveModule(domain).href) : domain;
  return { ...(module as object) };
}

/** The definitions with services of the test's own. */
function withServices(
  exported: Record<string, unknown>,
  services: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const replaced = Object.entries(exported).map(([key, value]) =>
    isAggregate(value) && Object.hasOwn(services, value.name)
      ? [key, { ...value, services: () => services[value.name] }]
      : [key, value],
  );
  const names = Object.values(exported).flatMap((value) => (isAggregate(value) ? value.name : []));
  const stranger = Object.keys(services).find((name) => !names.includes(name));
  if (stranger === undefined) return Object.fromEntries(replaced) as Record<string, unknown>;
  const [option, expected] = [`services.${stranger}`, `one of ${names.join(', ')}`];
  throw new SetupError(
    'InvalidOption',
    `Option ${option}: expected ${expected}, got an unknown aggregate`,
    { option, expected, given: stranger },
  );
}
