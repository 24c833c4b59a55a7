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
import { canonicalJson, jsonProblem } from '../internal/json.js';
import {
  type ColumnSpecs,
  type ColumnTypesOf,
  type FittingColumns,
  resolveColumns,
} from './columns.js';
import type { ProjectionContext } from './projection-context.js';
import { type Keys, VIEW, type View } from './view.js';
import { viewConsumer } from './view-consumer.js';

/** `evolve(document, event, key)`: the document after an event, or null to delete it. */
export type Folding<Sources extends readonly Source[], Document> = (
  document: Document,
  event: EventOn<Sources>,
  key: string,
) => Document | null;

/** The object literal that `defineView` takes. */
export interface ViewOptions<
  Name extends string,
  Sources extends readonly Source[],
  Document,
  Columns extends ColumnSpecs<Document>,
  Evolve = Folding<Sources, Document>,
> extends Restriction<Sources> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. Its table is `view_<name>_v<version>`. */
  readonly name: Name;
  /** Raise it whenever documents, columns or what it listens to change: it is then built anew beside the old one. */
  readonly version: number;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Keys of the documents that an event concerns: one, many, or none (null, undefined or an empty list). Pure. */
  readonly key: (event: EventOn<Sources>) => Keys;
  /** The document before its first event, and after it was deleted: plain JSON. Types the documents. */
  readonly initial: Document;
  /**
   * The document after an event, or null to delete it. Pure; may change the document that it gets, and
   * gets what is stored: plain JSON. Called once for each key of the event.
   */
  readonly evolve: Evolve;
  /**
   * Columns to filter and sort by: real, typed and indexed. `owner: 'text'` is the document's `owner`;
   * `{ type, value(document) }` computes one. Default: none but the key.
   */
  readonly columns?: Columns & FittingColumns<NoInfer<Document>, Columns>;
}

/**
 * Defines a view: documents folded by pure functions from the events of any number of aggregates, kept up
 * to date in a table of their own. Everything is inferred. Throws a `SetupError` that names the field,
 * what is expected and what is given.
 *
 * @example
 * export const balances = defineView({
 *   name: 'balances',
 *   version: 1,
 *   on: [account],
 *   key: (event) => event.id,
 *   initial: { owner: '', cents: 0 },
 *   columns: { owner: 'text', cents: 'bigint' },
 *   evolve(doc, event) {
 *     switch (event.type) {
 *       case 'opened': return { ...doc, owner: event.data.owner };
 *       case 'deposited': return { ...doc, cents: doc.cents + event.data.cents };
 *       case 'withdrawn': return { ...doc, cents: doc.cents - event.data.cents };
 *     }
 *   },
 * });
 */
export function defineView<
  const Name extends string,
  const Sources extends readonly Source[],
  Document,
  // biome-ignore lint/complexity/noBannedTypes: no declared columns
  const Columns extends ColumnSpecs<Document> = {},
  // A parameter of its own: else the compiler takes a returned `status: 'open'` for a string, since it
  // has not made up its mind about the document yet.
  Evolve extends Folding<Sources, Document> = Folding<Sources, Document>,
>(
  options: ViewOptions<Name, Sources, Document, Columns, Evolve>,
): View<{
  event: EventOn<Sources>;
  given: GivenOn<Sources>;
  document: Document;
  columns: ColumnTypesOf<Columns>;
}> {
  const { name, version, on, key, initial, evolve, columns = {} } = options;
  checkNameAndVersion('view', name, version);
  const where = `view ${name}`;
  for (const [field, value] of Object.entries({ key, evolve }))
    if (typeof value !== 'function') throw invalid(where, field, 'a function', typeof value);
  const problem = jsonProblem(initial);
  if (problem) throw invalid(where, `initial${problem.path}`, 'plain JSON', problem.found);
  const listening = resolveSources(where, on, options.where);
  const view = {
    kind: 'view',
    ...{ name, version, key, evolve, listening },
    columns: resolveColumns(where, columns),
    listens: canonicalJson(filterOf(listening)),
    initial: JSON.stringify(initial),
    [VIEW]: true,
    [CONSUMER](this: View, context: ProjectionContext): Consumer {
      return viewConsumer(this, context);
    },
  };
  // The type parameters live only in `types`, which is never set.
  return view as unknown as View<{
    event: EventOn<Sources>;
    given: GivenOn<Sources>;
    document: Document;
    columns: ColumnTypesOf<Columns>;
  }>;
}
