import type { Domain } from './aggregate/domain.js';
import type { StampSetup } from './client/stamp.js';
import { liveEvents } from './dispatcher/live-events.js';
import { Inspection } from './inspection/inspection.js';
import type { JobRunner } from './inspection/inspection-jobs.js';
import { Inspector } from './inspection/inspector.js';
import { QuarantineWatch } from './inspection/quarantine-watch.js';
import { isTroupeError } from './messages/errors.js';
import type { ResolvedRuntime } from './runtime-options.js';
import { MemoryOperations } from './store/memory-operations.js';
import type { Operations } from './store/operations.js';
import type { Store } from './store/store.js';
import type { Feeds } from './threads/feeds.js';
import { InspectionThread } from './threads/inspection-thread.js';
import type { ShardClient } from './threads/shard-client.js';

/** Who watches the log sees it so late at most; each read is one of the database's. */
const FOLLOW_REST_MS = 100;

/** What looks into a runtime, and what has to be ended with it. */
export interface StartedInspection {
  readonly inspection: Inspection;
  readonly jobs: JobRunner;
  readonly quarantines: QuarantineWatch;
}

/** What is looked into. */
export interface InspectionScene {
  readonly options: ResolvedRuntime;
  readonly domain: Domain;
  readonly url: URL | undefined;
  readonly store: Store;
  readonly quarantines: Quarantining;
  readonly feeds: Feeds;
  readonly stamp: StampSetup;
  shards(): readonly ShardClient[];
}

/** What operators do, and the watch over what they have quarantined. */
export interface Quarantining {
  readonly operations: Operations;
  readonly watch: QuarantineWatch;
}

/** A store that keeps no record of operators lets this runtime do so, for as long as it lives. */
export function quarantiningOf(store: Store, shards: () => readonly ShardClient[]): Quarantining {
  const operations = store.operations ?? new MemoryOperations();
  return { operations, watch: new QuarantineWatch(operations, shards) };
}

/** Puts together what looks into a runtime. Its thread is started by the first who needs it. */
export function startInspection(scene: InspectionScene): StartedInspection {
  const { domain, store, stamp, feeds, quarantines, shards } = scene;
  const jobs = jobRunner(scene);
  const inspection = new Inspection({
    ...{ domain, store, stamp, jobs, shards },
    ...{ operations: quarantines.operations, quarantines: quarantines.watch },
    subscriptions: () => withoutSubscriptions(() => feeds.subscriptions.list()),
    parked: (name, stream) => feeds.subscriptions.parked(name, stream),
    live: (from, until) => liveEvents(store, feeds.signal, { from, until, restMs: FOLLOW_REST_MS }),
  });
  return { inspection, jobs, quarantines: quarantines.watch };
}

/** Folds run in a thread where shards do, so that no code of the domain stalls the host. */
function jobRunner({ options, domain, url, store }: InspectionScene): JobRunner {
  const { limits, freezeState } = options.shard;
  if (options.shards > 0 && url && options.store.kind === 'postgres')
    return new InspectionThread(url, { store: options.store, limits, freezeState });
  return new Inspector({ domain, store, limits, freezeState });
}

async function withoutSubscriptions<T>(list: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list();
  } catch (error) {
    if (isTroupeError(error, 'NoSubscriptions')) return [];
    throw error;
  }
}
