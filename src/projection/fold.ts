import { heard } from '../dispatcher/listening.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import { NotJson, toJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { idProblem } from '../messages/ids.js';
import type { ViewChanges, ViewRow } from '../store/view-tables.js';
import { columnTexts, shown } from './columns.js';
import type { View } from './view.js';

/*
 * A batch is folded in memory and written once. Between two events a document goes through its JSON text,
 * so that evolve gets what it would get if each event were a batch of its own.
 */

/** An event with the keys of the documents that it concerns. */
export interface KeyedEvent {
  readonly event: FeedEvent;
  readonly keys: readonly string[];
}

/** The events of a batch that a view listens to and that concern a document. Throws `ProjectionFailed`. */
export function keyedEvents(view: View, events: readonly FeedEvent[]): readonly KeyedEvent[] {
  return events.flatMap((given) => {
    const event = heard<FeedEvent>(view.listening, given);
    const keys = event ? keysOf(view, event) : [];
    return event && keys.length > 0 ? [{ event, keys }] : [];
  });
}

function keysOf(view: View, event: FeedEvent): readonly string[] {
  const given = guarded(view, event, 'key', () => view.key(event as never));
  if (given === null || given === undefined) return [];
  const keys = [...new Set(Array.isArray(given) ? (given as string[]) : [given as string])];
  for (const key of keys) {
    const problem = idProblem(key);
    if (problem) throw failed(view, event, `key gave ${shown(key)}: ${problem}`);
  }
  return keys;
}

/** JSON texts by key; `undefined` where there is no document. */
export type Texts = ReadonlyMap<string, string | undefined>;

/** Folds events on what is stored of their documents. Gives all documents that are not as they were. */
export function foldEvents(view: View, events: readonly KeyedEvent[], stored: Texts): Texts {
  const texts = new Map(stored);
  for (const { event, keys } of events) {
    for (const key of keys) texts.set(key, evolved(view, event, key, texts.get(key)));
  }
  for (const [key, text] of stored) if (texts.get(key) === text) texts.delete(key);
  return texts;
}

function evolved(
  view: View,
  event: FeedEvent,
  key: string,
  before: string | undefined,
): string | undefined {
  const document: unknown = JSON.parse(before ?? view.initial);
  const after = guarded(view, event, 'evolve', () =>
    view.evolve(document as never, event as never, key),
  );
  if (after === null) return undefined;
  if (after === undefined)
    throw failed(view, event, 'evolve gave nothing: expected a document, or null to delete it');
  try {
    return toJson(after);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw failed(view, event, `evolve gave document${error.path}: ${error.found}, not JSON`);
  }
}

/** What is to be written of folded documents. Throws `ViewColumnInvalid`. */
export function changesOf(view: View, texts: Texts): ViewChanges {
  const saved: ViewRow[] = [];
  const deleted: string[] = [];
  for (const [key, document] of texts) {
    if (document === undefined) deleted.push(key);
    else saved.push({ key, document, columns: columnTexts(view, JSON.parse(document), key) });
  }
  return { saved, deleted };
}

function guarded<T>(view: View, event: FeedEvent, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failed(view, event, `${what} threw: ${reason}`, error);
  }
}

/** The error for an event that the code of a view cannot take; names the stream, so that it can be parked. */
function failed(view: View, event: FeedEvent, why: string, cause?: unknown): TroupeError {
  const { eventId, aggregate, id, version, position, type } = event;
  return new TroupeError(
    'ProjectionFailed',
    `View ${view.name}, version ${view.version}, at ${eventId} (${type}, position ${position}): ${why}`,
    { view: view.name, eventId, aggregate, id, version, position, type },
    cause,
  );
}
