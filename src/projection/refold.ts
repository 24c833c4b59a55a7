import type { FeedEvent, Transaction } from '../dispatcher/subscription.js';
import type { ViewTables } from '../store/view-tables.js';
import { changesOf, foldEvents, keyedEvents } from './fold.js';
import type { View } from './view.js';

/** What documents are folded from anew. */
export interface Refold {
  readonly keys: ReadonlySet<string>;
  /** Everything that the view has handled, in order of position, a page at a time. */
  readonly handled: AsyncIterable<readonly FeedEvent[]>;
  /** Events that it takes now, although younger ones were handled; each gets its place in the order. */
  readonly late?: readonly FeedEvent[];
}

/**
 * Folds some documents anew from the first event on, and writes them in this transaction. All other
 * documents stay as they are. Reads the whole of `handled`, since any event may concern any key.
 */
export async function refold(
  view: View,
  tables: ViewTables,
  tx: Transaction,
  { keys, handled, late = [] }: Refold,
): Promise<void> {
  let texts = new Map<string, string | undefined>([...keys].map((key) => [key, undefined]));
  const fold = (events: readonly FeedEvent[]): void => {
    texts = new Map([...texts, ...foldEvents(view, concerning(view, events, keys), texts)]);
  };
  let waiting = [...late];
  for await (const page of handled) {
    const last = page.at(-1)?.position ?? 0;
    const due = waiting.filter((event) => event.position <= last);
    waiting = waiting.filter((event) => event.position > last);
    fold(merged(page, due));
  }
  fold(waiting);
  await tables.save(tx, view, changesOf(view, texts));
}

function concerning(view: View, events: readonly FeedEvent[], wanted: ReadonlySet<string>) {
  return keyedEvents(view, events).flatMap(({ event, keys }) => {
    const concerned = keys.filter((key) => wanted.has(key));
    return concerned.length > 0 ? [{ event, keys: concerned }] : [];
  });
}

/** Both in the order of the log; an event that is in both comes once. */
function merged(page: readonly FeedEvent[], due: readonly FeedEvent[]): readonly FeedEvent[] {
  if (due.length === 0) return page;
  const known = new Set(page.map((event) => event.eventId));
  const all = [...page, ...due.filter((event) => !known.has(event.eventId))];
  return all.sort((a, b) => a.position - b.position || (a.part ?? 0) - (b.part ?? 0));
}
