import { filterOf, type Listening } from '../dispatcher/listening.js';
import type { FeedEvent, Transaction } from '../dispatcher/subscription.js';
import type { ViewAccess, ViewShape, ViewVersion } from '../store/view-tables.js';
import type { Projection } from './projection.js';
import { forProjection, projectionFingerprint, runProjection } from './projection-consumer.js';
import type { View } from './view.js';
import { foldBatch, viewFingerprint } from './view-consumer.js';

/** A version of a view or of a projection that is built from the log, beside the one that serves. */
export interface Rebuilt extends ViewShape {
  readonly kind: 'View' | 'Projection';
  readonly fingerprint: string;
  readonly filter: ReturnType<typeof filterOf>;
  readonly listening: ReadonlyMap<string, Listening>;
  /** Makes its tables, unless they are there. */
  prepare(tx: Transaction): Promise<ViewVersion>;
  /** Takes events in order of position. */
  take(events: readonly FeedEvent[], tx: Transaction): Promise<void>;
  /** The same in tables of its own, which take the place of the first. */
  again(): Rebuilt;
}

type Tables = Pick<ViewAccess, 'tables' | 'schema'>;

export function rebuiltView(view: View, access: Tables): Rebuilt {
  const { name, version, columns, listening } = view;
  const { tables } = access;
  return {
    ...{ kind: 'View', name, version, columns, listening, filter: filterOf(listening) },
    fingerprint: viewFingerprint(view),
    prepare: (tx) => tables.prepare(tx, view),
    take: (events, tx) => foldBatch(view, tables, events, tx),
    again: () => rebuiltView({ ...view, version: -version }, access),
  };
}

export function rebuiltProjection(projection: Projection, access: Tables): Rebuilt {
  const { name, version, listening } = projection;
  const inTables = (tx: Transaction) => forProjection(projection, access, tx);
  return {
    ...{ kind: 'Projection', name, version, columns: [], listening, filter: filterOf(listening) },
    fingerprint: projectionFingerprint(projection),
    prepare: (tx) => access.tables.register(tx, projection, () => projection.setup(inTables(tx))),
    take: (events, tx) => runProjection(projection, events, inTables(tx)),
    again: () => rebuiltProjection({ ...projection, version: -version }, access),
  };
}
