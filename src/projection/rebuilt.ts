import { createHash } from 'node:crypto';
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
    listens: view.listens as string,
    fingerprint: viewFingerprint(view),
    prepare: (tx) => tables.prepare(tx, view),
    take: (events, tx) => foldBatch(view, tables, events, tx),
    again: () => anew(view, access, rebuiltView, [view.key, view.evolve, ...values(view)]),
  };
}

export function rebuiltProjection(projection: Projection, access: Tables): Rebuilt {
  const { name, version, listening } = projection;
  const inTables = (tx: Transaction) => forProjection(projection, access, tx);
  return {
    ...{ kind: 'Projection', name, version, columns: [], listening, filter: filterOf(listening) },
    listens: projection.listens,
    fingerprint: projectionFingerprint(projection),
    prepare: (tx) => access.tables.register(tx, projection, () => projection.setup(inTables(tx))),
    take: (events, tx) => runProjection(projection, events, inTables(tx)),
    again: () => anew(projection, access, rebuiltProjection, [projection.setup, projection.handle]),
  };
}

/** What other code has begun, or what was replaced in this way before, goes first. */
function anew<Reader extends { readonly name: string; readonly version: number }>(
  reader: Reader,
  access: Tables,
  rebuilt: (reader: Reader, access: Tables) => Rebuilt,
  functions: readonly unknown[],
): Rebuilt {
  const code = createHash('sha256').update(functions.map(String).join('\0')).digest('hex');
  const again = { ...reader, version: -reader.version, code };
  const target = rebuilt(again, access);
  const prepare = async (tx: Transaction): Promise<ViewVersion> => {
    const versions = await access.tables.versions(tx, target, { lock: true });
    const own = versions.find(({ version }) => version === again.version);
    if (own && (own.state === 'retired' || own.code !== code))
      await access.tables.discard(tx, again);
    return target.prepare(tx);
  };
  return { ...target, prepare };
}

function values({ columns }: View): readonly unknown[] {
  return columns.map(({ value }) => value);
}
