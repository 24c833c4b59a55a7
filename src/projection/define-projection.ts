import { invalid } from '../aggregate/expectations.js';
import { checkNameAndVersion } from '../dispatcher/consumer-name.js';
import {
  type EventOn,
  filterOf,
  type GivenOn,
  type Restriction,
  resolveSources,
  type Source,
} from '../dispatcher/listening.js';
import { CONSUMER, type Consumer } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import type { StreamName } from '../store/store.js';
import { PROJECTION, type Projection, type ProjectionTransaction } from './projection.js';
import { projectionConsumer } from './projection-consumer.js';
import type { ProjectionContext } from './projection-context.js';

/** The object literal that `defineProjection` takes. */
export interface ProjectionOptions<Sources extends readonly Source[]> extends Restriction<Sources> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. */
  readonly name: string;
  /** Raise it whenever its tables or what it listens to change: it is then built anew beside the old one. */
  readonly version: number;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Makes its tables, named by `tx.table(name)`, once per version. */
  readonly setup: (tx: ProjectionTransaction) => Promise<unknown>;
  /** Takes one event after the other, in order of position, inside the checkpoint's transaction. */
  readonly handle?: (event: EventOn<Sources>, tx: ProjectionTransaction) => Promise<unknown>;
  /** Takes a whole batch, in place of `handle`: one statement for many events is far faster. */
  readonly handleBatch?: (
    events: readonly EventOn<Sources>[],
    tx: ProjectionTransaction,
  ) => Promise<unknown>;
  /**
   * Removes all that the events of one stream have written, so that they can be taken again: for
   * `rebuildStream`. Leave it out where what they write depends on those of others.
   */
  readonly clear?: (stream: StreamName, tx: ProjectionTransaction) => Promise<unknown>;
}

/**
 * Defines a projection: SQL of your own that runs in the transaction of the checkpoint, so that each event
 * counts once, whatever happens. Do not commit or roll back in it; await every query. Needs Postgres.
 * Throws a `SetupError` that names the field, what is expected and what is given.
 *
 * @example
 * export const openings = defineProjection({
 *   name: 'openings',
 *   version: 1,
 *   on: [only(account, 'opened')],
 *   setup: (tx) => tx.query(`CREATE TABLE ${tx.table('days')} (day date PRIMARY KEY, number int NOT NULL)`),
 *   handle: (event, tx) => tx.query(
 *     `INSERT INTO ${tx.table('days')} AS d VALUES ($1, 1) ON CONFLICT (day) DO UPDATE SET number = d.number + 1`,
 *     [event.occurredAt],
 *   ),
 * });
 */
export function defineProjection<const Sources extends readonly Source[]>(
  options: ProjectionOptions<Sources>,
): Projection<{ event: EventOn<Sources>; given: GivenOn<Sources> }> {
  const { name, version, on, setup, handle, handleBatch, clear } = options;
  checkNameAndVersion('projection', name, version);
  const where = `projection ${name}`;
  if (typeof setup !== 'function') throw invalid(where, 'setup', 'a function', typeof setup);
  if ((typeof handle === 'function') === (typeof handleBatch === 'function'))
    throw invalid(
      where,
      'handle',
      'a function, or handleBatch, and not both',
      `${typeof handle} and ${typeof handleBatch}`,
    );
  if (clear !== undefined && typeof clear !== 'function')
    throw invalid(where, 'clear', 'a function', typeof clear);
  const listening = resolveSources(where, on, options.where);
  const projection: Projection & { [PROJECTION]: true } = {
    kind: 'projection',
    ...{ name, version, setup, ...(clear && { clear }) },
    listening,
    listens: canonicalJson(filterOf(listening)),
    handle: (handleBatch as Projection['handle'] | undefined) ?? oneByOne(handle),
    [PROJECTION]: true,
    [CONSUMER](context: ProjectionContext): Consumer {
      return projectionConsumer(projection, context);
    },
  };
  return projection;
}

function oneByOne(handle: unknown): Projection['handle'] {
  const one = handle as (event: never, tx: ProjectionTransaction) => Promise<unknown>;
  return async (events, tx) => {
    for (const event of events) await one(event, tx);
  };
}
