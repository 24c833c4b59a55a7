import type { Domain } from '../aggregate/domain.js';
import { liftFor } from '../dispatcher/lift.js';
import { filterOf } from '../dispatcher/listening.js';
import { matcher, storedFilter } from '../dispatcher/stored-filter.js';
import type { InlineReader, InlineTransaction } from '../store/inline.js';
import type { InlineProjection } from './inline-projection.js';
import { forProjection, runProjection } from './projection-consumer.js';

/** An inline projection as appends know it: it gets stored events, and lifts them as feeds do. */
export function inlineReader(
  projection: InlineProjection,
  domain: Pick<Domain, 'stored'>,
): InlineReader {
  const { name, version, listening } = projection;
  const today = filterOf(listening);
  const filter = storedFilter(domain, today);
  const lift = liftFor(domain, today);
  const inside = (tx: InlineTransaction) => forProjection(projection, tx, tx);
  return {
    ...{ name, version, filter },
    wants: matcher(filter),
    async setup(tx) {
      await projection.setup(inside(tx));
    },
    handle: (events, tx) => runProjection(projection, events.flatMap(lift), inside(tx)),
  };
}
