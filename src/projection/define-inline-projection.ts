import { invalid } from '../aggregate/expectations.js';
import { checkNameAndVersion } from '../dispatcher/consumer-name.js';
import { INLINE } from '../dispatcher/inline-source.js';
import {
  type EventOn,
  type GivenOn,
  resolveSources,
  type Source,
} from '../dispatcher/listening.js';
import type { InlineProjection } from './inline-projection.js';
import { inlineReader } from './inline-reader.js';
import type { ProjectionTransaction } from './projection.js';

/** The object literal that `defineInlineProjection` takes. */
export interface InlineProjectionOptions<Sources extends readonly Source[]> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. */
  readonly name: string;
  /** Raise it whenever its tables, its handler or what it listens to change: it is then built anew from the log. */
  readonly version: number;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Makes its tables, named by `tx.table(name)`, once per version. */
  readonly setup: (tx: ProjectionTransaction) => Promise<unknown>;
  /**
   * Takes all events of one append that it listens to, in order of position, in the transaction of the
   * append: one call, for events of many commands and many instances. What it throws, and what the database
   * refuses, undoes the append; it is then called again with fewer events, until the command at fault
   * stands alone.
   */
  readonly handle: (
    events: readonly EventOn<Sources>[],
    tx: ProjectionTransaction,
  ) => Promise<unknown>;
}

/**
 * Defines an inline projection: SQL of your own that runs in the very transaction that stores the events, so
 * that who has the receipt of a command finds its effect in the tables, and a rule of the database (a
 * unique index, a foreign key, a check) can fail the command, with `InlineProjectionFailed`. Each command
 * pays for it: prefer a view or a projection where a moment later is soon enough.
 *
 * Write with few statements for all events, in the order of a key, so that appends of several shards do
 * not wait for each other crosswise; await every query; do nothing but SQL, since two seconds without any
 * end the transaction. Never commit or roll back in it. Needs Postgres. Throws a `SetupError` that names the
 * field, what is expected and what is given.
 *
 * @example
 * export const owners = defineInlineProjection({
 *   name: 'owners',
 *   version: 1,
 *   on: [only(account, 'opened')],
 *   setup: (tx) => tx.query(`CREATE TABLE ${tx.table('names')} (owner text PRIMARY KEY, id text NOT NULL)`),
 *   handle: (events, tx) => tx.query(
 *     `INSERT INTO ${tx.table('names')} SELECT * FROM unnest($1::text[], $2::text[])`,
 *     [events.map((event) => event.data.owner), events.map((event) => event.id)],
 *   ),
 * });
 */
export function defineInlineProjection<const Sources extends readonly Source[]>(
  options: InlineProjectionOptions<Sources>,
): InlineProjection<{ event: EventOn<Sources>; given: GivenOn<Sources> }> {
  const { name, version, on, setup, handle } = options;
  checkNameAndVersion('inline projection', name, version);
  const where = `inline projection ${name}`;
  for (const [field, value] of Object.entries({ setup, handle }))
    if (typeof value !== 'function') throw invalid(where, field, 'a function', typeof value);
  const projection: InlineProjection = {
    kind: 'inline projection',
    ...{ name, version, setup },
    listening: resolveSources(where, on),
    // It gets what it listens to.
    handle: handle as InlineProjection['handle'],
    [INLINE]: (domain) => inlineReader(projection, domain),
  };
  return projection;
}
