import { filterOf } from '../dispatcher/listening.js';
import type {
  BatchTransaction,
  Consumer,
  FeedEvent,
  Transaction,
} from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import type { ViewTables } from '../store/view-tables.js';
import { changesOf, foldEvents, type KeyedEvent, keyedEvents, type Texts } from './fold.js';
import { isBatch, KnownDocuments } from './known-documents.js';
import type { ProjectionContext } from './projection-context.js';
import { refold } from './refold.js';
import type { View } from './view.js';

/** A view as a subscription: folds each batch in memory, and writes what has changed in the checkpoint's transaction. */
export function viewConsumer(view: View, context: ProjectionContext): Consumer {
  const { bringUp, operate } = context;
  const known = new KnownDocuments();
  return {
    name: view.name,
    version: view.version,
    filter: filterOf(view.listening),
    fingerprint: viewFingerprint(view),
    from: 'beginning',
    ...(bringUp && { prepare: (how) => bringUp(view.name, how) }),
    ...(operate && { operate: (operation, how) => operate(view.name, operation, how) }),
    handle: (events, tx) =>
      isBatch(tx)
        ? foldKnown(view, { tables: context.views, known }, events, tx)
        : foldBatch(view, context.views, events, tx),
    handleLate: (events, tx) => refoldLate(view, context, events, tx),
  };
}

/** What two processes must have alike to fold one view. */
export function viewFingerprint({ name, version, columns, listening }: View): string {
  const types = columns.map((column) => [column.name, column.type]);
  return canonicalJson({ name, version, columns: types, filter: filterOf(listening) });
}

/** Folds a batch into the table of the view's version: one load, one upsert and one delete at most. */
export async function foldBatch(
  view: View,
  tables: ViewTables,
  events: readonly FeedEvent[],
  tx: Transaction,
): Promise<void> {
  const keyed = keyedEvents(view, events);
  if (keyed.length === 0) return;
  const keys = keysIn(keyed);
  const found = await tables.load(tx, view, keys);
  const stored = new Map(keys.map((key) => [key, found.get(key)]));
  await foldOn(view, tables, { keyed, stored }, tx);
}

/** The same, and reads only those documents that the view does not know from its last batches. */
async function foldKnown(
  view: View,
  { tables, known }: { readonly tables: ViewTables; readonly known: KnownDocuments },
  events: readonly FeedEvent[],
  tx: BatchTransaction,
): Promise<void> {
  const keyed = keyedEvents(view, events);
  if (keyed.length === 0) return;
  const { found, unknown, learn } = known.begin(tx, keysIn(keyed));
  if (unknown.length > 0) {
    const loaded = await tables.load(tx, view, unknown);
    for (const key of unknown) found.set(key, loaded.get(key));
  }
  const changed = await foldOn(view, tables, { keyed, stored: found }, tx);
  for (const [key, text] of changed) found.set(key, text);
  learn(found, events.at(-1)?.position ?? 0);
}

async function foldOn(
  view: View,
  tables: ViewTables,
  { keyed, stored }: { readonly keyed: readonly KeyedEvent[]; readonly stored: Texts },
  tx: Transaction,
): Promise<Texts> {
  const changed = foldEvents(view, keyed, stored);
  if (changed.size > 0) await tables.save(tx, view, changesOf(view, changed));
  return changed;
}

function keysIn(events: readonly KeyedEvent[]): readonly string[] {
  return [...new Set(events.flatMap((event) => event.keys))];
}

/**
 * An event that was parked is handled after younger ones of other streams: the documents that it
 * concerns are folded anew, in the order of the log (H35).
 */
async function refoldLate(
  view: View,
  context: ProjectionContext,
  events: readonly FeedEvent[],
  tx: Transaction,
): Promise<void> {
  const keys = new Set(keyedEvents(view, events).flatMap((event) => event.keys));
  if (keys.size === 0) return;
  const handled = context.handled(view.name, filterOf(view.listening), tx);
  await refold(view, context.views, tx, { keys, handled, late: events });
}
