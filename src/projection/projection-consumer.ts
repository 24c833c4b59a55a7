import { filterOf, heard } from '../dispatcher/listening.js';
import type { Consumer, FeedEvent, Transaction } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import type { Projection, ProjectionTransaction } from './projection.js';
import type { ProjectionContext } from './projection-context.js';

const TABLE = /^[a-z][a-z0-9_]*$/;
const MAX_TABLE = 20;
/** Two less than Postgres keeps: tables that change their names pass through a third. */
const MAX_TABLE_BYTES = 61;

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
  projection: Pick<Projection, 'listening'> & {
    handle(events: readonly never[], tx: ProjectionTransaction): Promise<unknown>;
  },
  events: readonly FeedEvent[],
  tx: ProjectionTransaction,
): Promise<void> {
  const listened = events.flatMap((event) => heard<FeedEvent>(projection.listening, event) ?? []);
  if (listened.length > 0) await projection.handle(listened as never, tx);
}

/** The transaction with the names of a projection's tables. */
export function forProjection(
  { kind, name, version }: Readonly<Record<'kind' | 'name', string>> & { readonly version: number },
  { schema }: Pick<ProjectionContext, 'schema'>,
  tx: Transaction,
): ProjectionTransaction {
  const first = kind === 'projection' ? 'projection' : 'inline';
  const place = version > 0 ? `v${version}` : `next${-version}`;
  const prefix = `${first}_${name.replaceAll('-', '_')}_${place}_`;
  // As it is called while it is rebuilt; Postgres would cut longer names, and two could be one.
  const longest = `${first}_${name}_next${Math.abs(version)}_`.length;
  return {
    query: (text, values) => tx.query(text, values),
    table(table) {
      const most = Math.min(MAX_TABLE, MAX_TABLE_BYTES - longest);
      if (!TABLE.test(table) || table.length > most)
        throw new TroupeError(
          'InvalidTable',
          `${kind} ${name}: expected a table name of at most ${most} small letters, digits and _, got ${JSON.stringify(table)}`,
          { name, table },
        );
      return `"${schema.replaceAll('"', '""')}"."${prefix}${table}"`;
    },
  };
}
