import type { Consumer, FeedEvent, Transaction } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { filterOf, heard } from './listening.js';
import type { Projection, ProjectionTransaction } from './projection.js';
import type { ProjectionContext } from './projection-context.js';

/** Two less than Postgres keeps: tables that change their names pass through a third. */
const MAX_TABLE_BYTES = 61;
const TABLE = /^[a-z][a-z0-9_]{0,19}$/;

/** A projection as a subscription: its SQL runs in the checkpoint's transaction. */
export function projectionConsumer(projection: Projection, context: ProjectionContext): Consumer {
  const { name, version, listening } = projection;
  const filter = filterOf(listening);
  const { bringUp, operate } = context;
  return {
    ...{ name, version, filter },
    fingerprint: projectionFingerprint(projection),
    from: 'beginning',
    ...(bringUp && { prepare: (how) => bringUp(name, how) }),
    ...(operate && { operate: (operation, how) => operate(name, operation, how) }),
    handle: (events, tx) =>
      runProjection(projection, events, forProjection(projection, context, tx)),
  };
}

/** What two processes must have alike to run one projection. */
export function projectionFingerprint({ name, version, listening }: Projection): string {
  return canonicalJson({ name, version, filter: filterOf(listening) });
}

/** Hands it the events that it listens to. */
export async function runProjection(
  projection: Projection,
  events: readonly FeedEvent[],
  tx: ProjectionTransaction,
): Promise<void> {
  const listened = events.flatMap((event) => heard<FeedEvent>(projection.listening, event) ?? []);
  if (listened.length > 0) await projection.handle(listened as never, tx);
}

/** The transaction with the names of a projection's tables. */
export function forProjection(
  { name, version }: Pick<Projection, 'name' | 'version'>,
  { schema }: Pick<ProjectionContext, 'schema'>,
  tx: Transaction,
): ProjectionTransaction {
  const place = version > 0 ? `v${version}` : `next${-version}`;
  const prefix = `projection_${name.replaceAll('-', '_')}_${place}_`;
  return {
    query: (text, values) => tx.query(text, values),
    table(table) {
      if (!TABLE.test(table))
        throw new TroupeError(
          'InvalidTable',
          `Projection ${name}: expected a table name of at most 20 small letters, digits and _, got ${JSON.stringify(table)}`,
          { name, table },
        );
      // As it is called while it is rebuilt; Postgres would cut longer names, and two could be one.
      const bytes = `projection_${name}_next${Math.abs(version)}_${table}`.length;
      if (bytes > MAX_TABLE_BYTES)
        throw new TroupeError(
          'InvalidTable',
          `Projection ${name}: table ${table}: expected a name of at most ${MAX_TABLE_BYTES} bytes together with that of the projection, got ${bytes}`,
          { name, table },
        );
      return `"${schema.replaceAll('"', '""')}"."${prefix}${table}"`;
    },
  };
}
