import type { Domain } from '../aggregate/domain.js';
import { checkpointLost } from '../dispatcher/failure.js';
import { liftFor } from '../dispatcher/lift.js';
import { storedFilter } from '../dispatcher/stored-filter.js';
import type { FeedEvent, Filter } from '../dispatcher/subscription.js';
import type { Checkpoints } from '../store/checkpoints.js';
import type { Sql } from '../store/sql.js';
import type { Store, StreamName } from '../store/store.js';
import type { ReadHandled } from './projection-context.js';
import type { RebuildPage, RebuildParts, ServingCheckpoint } from './rebuild.js';

const PAGE_SIZE = 1000;

/** Which handled events are read. */
export interface HandledRange {
  readonly name: string;
  readonly filter: Filter;
  readonly after: number;
  readonly upTo: number;
  readonly stream?: StreamName;
}

/** What a subscription has handled, a page at a time. */
export async function* handledPages(
  domain: Pick<Domain, 'stored'>,
  checkpoints: Checkpoints,
  sql: Sql,
  range: HandledRange,
): AsyncGenerator<RebuildPage> {
  const { filter, upTo } = range;
  const wanted = { ...range, filter: storedFilter(domain, filter), limit: PAGE_SIZE };
  const lift = liftFor(domain, filter);
  for (let after = range.after; after < upTo; ) {
    const page = await checkpoints.handled(sql, { ...wanted, after });
    yield { events: page.events.flatMap(lift), upTo: page.upTo };
    after = page.upTo;
  }
}

/**
 * Reads in a transaction what a subscription has handled, up to its checkpoint. All of it: which events
 * concern a key is for the view's own code to say.
 */
export function readHandled(domain: Pick<Domain, 'stored'>, checkpoints: Checkpoints): ReadHandled {
  return async function* handled(name, filter, tx): AsyncGenerator<readonly FeedEvent[]> {
    const upTo = await checkpoints.position(tx, name);
    const range = { name, filter, after: 0, upTo };
    for await (const page of handledPages(domain, checkpoints, tx, range)) yield page.events;
  };
}

/** Where a rebuild reads. */
export interface SourceParts {
  readonly sql: Sql;
  readonly checkpoints: Checkpoints;
  readonly log?: Pick<Store, 'settledEnd'>;
}

/**
 * What a rebuild reads, and the checkpoint that it takes over, for one subscription. With `log`, a
 * checkpoint that the log does not hold is set back to where the log ends, since all is built from there.
 */
export function rebuildSource(
  domain: Pick<Domain, 'stored'>,
  { name, filter }: { readonly name: string; readonly filter: Filter },
  { sql, checkpoints, log }: SourceParts,
): Pick<RebuildParts, 'checkpoint' | 'read'> {
  const lift = liftFor(domain, filter);
  const wanted = { name, filter: storedFilter(domain, filter), limit: PAGE_SIZE };
  return {
    checkpoint: servingCheckpoint(name, { sql, checkpoints, ...(log && { log }) }),
    async read({ after, upTo }, tx = sql) {
      const page = await checkpoints.handled(tx, { ...wanted, after, upTo });
      return { events: page.events.flatMap(lift), upTo: page.upTo };
    },
  };
}

function servingCheckpoint(
  name: string,
  { sql, checkpoints, log }: SourceParts,
): ServingCheckpoint {
  // Of a log that was restored and has grown since, nothing stands between its old end and the checkpoint.
  const within = async (position: number): Promise<number> =>
    log ? checkpoints.lastAt(sql, Math.min(position, await log.settledEnd())) : position;
  return {
    position: async () => within(await checkpoints.position(sql, name)),
    async lock(tx) {
      const locked = await checkpoints.lock(tx, name);
      if (!locked || locked.isAnchored) return locked?.position ?? 0;
      if (!log) throw checkpointLost(name, locked.position);
      return checkpoints.reset(tx, name, await within(locked.position));
    },
    touched: (tx) => checkpoints.touched(tx, name),
    isOvertaken: (tx, version) => checkpoints.isOvertaken(tx, version),
    adopt: (tx, { version, fingerprint }) => checkpoints.adopt(tx, { name, version, fingerprint }),
  };
}
