import type { Domain } from '../aggregate/domain.js';
import { checkpointLost } from '../dispatcher/failure.js';
import { liftFor } from '../dispatcher/lift.js';
import { storedFilter } from '../dispatcher/stored-filter.js';
import type { Filter } from '../dispatcher/subscription.js';
import type { Checkpoints } from '../store/checkpoints.js';
import type { ViewAccess } from '../store/view-tables.js';
import type { ReadHandled } from './projection-context.js';
import type { RebuildParts, ServingCheckpoint } from './rebuild.js';

const PAGE_SIZE = 1000;

/** Reads in a transaction what a subscription has handled, up to its checkpoint. */
export function readHandled(domain: Pick<Domain, 'stored'>, checkpoints: Checkpoints): ReadHandled {
  return async function* handled(name, filter, tx) {
    const wanted = { name, filter: storedFilter(domain, filter), limit: PAGE_SIZE };
    const lift = liftFor(domain, filter);
    const upTo = await checkpoints.position(tx, name);
    for (let after = 0; after < upTo; ) {
      const page = await checkpoints.handled(tx, { ...wanted, after, upTo });
      yield page.events.flatMap(lift);
      after = page.upTo;
    }
  };
}

/** What a rebuild reads, and the checkpoint that it takes over, for one subscription. */
export function rebuildSource(
  domain: Pick<Domain, 'stored'>,
  { name, filter }: { readonly name: string; readonly filter: Filter },
  { sql }: ViewAccess,
  checkpoints: Checkpoints,
): Pick<RebuildParts, 'checkpoint' | 'read'> {
  const lift = liftFor(domain, filter);
  const wanted = { name, filter: storedFilter(domain, filter), limit: PAGE_SIZE };
  return {
    checkpoint: servingCheckpoint(name, sql, checkpoints),
    async read({ after, upTo }) {
      const page = await checkpoints.handled(sql, { ...wanted, after, upTo });
      return { events: page.events.flatMap(lift), upTo: page.upTo };
    },
  };
}

function servingCheckpoint(
  name: string,
  sql: ViewAccess['sql'],
  checkpoints: Checkpoints,
): ServingCheckpoint {
  return {
    position: () => checkpoints.position(sql, name),
    async lock(tx) {
      const locked = await checkpoints.lock(tx, name);
      if (locked && !locked.isAnchored) throw checkpointLost(name, locked.position);
      return locked?.position ?? 0;
    },
    adopt: (tx, { version, fingerprint }) => checkpoints.adopt(tx, { name, version, fingerprint }),
  };
}
