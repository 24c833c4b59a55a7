import type { Guard } from '../dispatcher/build-guard.js';
import type { FeedEvent, Transaction } from '../dispatcher/subscription.js';
import type { RebuildProgress } from '../dispatcher/subscription-status.js';
import { TroupeError } from '../messages/errors.js';
import type { ViewAccess, ViewShape } from '../store/view-tables.js';
import { type Rebuilt, rebuiltView } from './rebuilt.js';
import { refold } from './refold.js';
import type { View } from './view.js';

/*
 *   prepare ──▶ fill: page by page, each in a transaction with its progress ──▶ swap, in one transaction:
 *                ▲ resumes after a crash, and where another process went on      lock the checkpoint of
 *                └────────────────────────────────────────────────────────       the version that serves,
 *                                                                                fold up to exactly there,
 *   later: dropRetired                                                           let the new one serve
 */

/** Where a page of the log starts, and where it ends at the latest. */
export interface RebuildRange {
  /** The position after which it starts. */
  readonly after: number;
  /** The last position that is wanted. */
  readonly upTo: number;
}

/** A page of the log, and how far it reaches. */
export interface RebuildPage {
  readonly events: readonly FeedEvent[];
  /** All events up to here were in this page or before it; at most `upTo` of the range. */
  readonly upTo: number;
}

/** The checkpoint of the version that serves. */
export interface ServingCheckpoint {
  /** The position as it is now. */
  position(): Promise<number>;
  /** Locks the checkpoint until the transaction ends, and gives its position. */
  lock(tx: Transaction): Promise<number>;
  /** Tells who holds the subscription that documents were changed beside its batches. */
  touched?(tx: Transaction): Promise<void>;
  /** Whether what was parked has changed since a version was begun: it is then begun anew. */
  isOvertaken?(tx: Transaction, version: ViewShape): Promise<boolean>;
  /** Hands the subscription to another version: from now on only code of that version may take it. */
  adopt(
    tx: Transaction,
    code: { readonly version: number; readonly fingerprint: string },
  ): Promise<void>;
}

export type { RebuildProgress };

/** What a rebuild works with. */
export interface RebuildParts {
  readonly access: ViewAccess;
  readonly checkpoint: ServingCheckpoint;
  /** Reads events that the view listens to, lifted to today's shape, a page at a time; `tx` is to be read in, if given. */
  read(range: RebuildRange, tx?: Transaction): Promise<RebuildPage>;
  progress?(progress: RebuildProgress): void;
  /** Unix milliseconds. */
  now(): number;
  /** Runs what reads and folds a page. Default: as it is. */
  readonly guard?: Guard;
  /** Ends it between two pages; it may be resumed. */
  readonly signal?: AbortSignal;
}

/**
 * Builds a version of a view or a projection beside the one that serves, and swaps them. The version that serves goes on
 * being served and kept up to date until then. A version of which there is a table that serves already
 * is built anew. May be called again after a crash, and in several processes: it goes on where it was.
 * Rejects with the error of an event that the view cannot take; what was built stays.
 */
export async function rebuild(reader: Rebuilt, parts: RebuildParts): Promise<void> {
  await build(reader, await targetOf(reader, parts), parts);
}

/** Fills a version whose tables are there, and lets it serve; nothing, if it serves already. */
export async function build(reader: Rebuilt, target: Rebuilt, parts: RebuildParts): Promise<void> {
  for (;;) {
    const after = await fill(target, parts);
    const isOver = await guarded(parts, after, () =>
      parts.access.transaction((tx) => swap(reader, target, parts, tx)),
    );
    if (isOver) return;
    await parts.access.transaction((tx) => target.prepare(tx));
  }
}

/** As `rebuild`, for a view. */
export function rebuildView(view: View, parts: RebuildParts): Promise<void> {
  return rebuild(rebuiltView(view, parts.access), parts);
}

/** Folds these documents anew, in one transaction, while the view stands still. */
export async function rebuildKeys(
  view: View,
  keys: readonly string[],
  parts: Pick<RebuildParts, 'access' | 'checkpoint' | 'read'>,
): Promise<void> {
  await parts.access.transaction(async (tx) => {
    const upTo = await parts.checkpoint.lock(tx);
    const handled = pagesOf(parts, { after: 0, upTo }, tx);
    await refold(view, parts.access.tables, tx, { keys: new Set(keys), handled });
    await parts.checkpoint.touched?.(tx);
  });
}

/** The version into which events are folded. */
async function targetOf(reader: Rebuilt, { access }: RebuildParts): Promise<Rebuilt> {
  return access.transaction(async (tx) => {
    const { state } = await reader.prepare(tx);
    if (state === 'building') return reader;
    if (state === 'retired') throw outdated(reader);
    const again = reader.again();
    await again.prepare(tx);
    return again;
  });
}

/** Gives the position up to which it is filled. */
async function fill(target: Rebuilt, parts: RebuildParts): Promise<number> {
  const startedAt = parts.now();
  let events = 0;
  for (;;) {
    parts.signal?.throwIfAborted();
    const upTo = await parts.checkpoint.position();
    const after = await progressOf(target, parts);
    if (after >= upTo) return upTo;
    const page = await guarded(parts, after, () => takePage(target, parts, { after, upTo }));
    events += page.events.length;
    const eventsPerSecond = (events * 1000) / Math.max(1, parts.now() - startedAt);
    const left = ((upTo - page.upTo) * events) / Math.max(1, page.upTo);
    const secondsLeft = eventsPerSecond > 0 ? left / eventsPerSecond : undefined;
    parts.progress?.({ events, position: page.upTo, upTo, eventsPerSecond, secondsLeft });
    // What was handled since is for the swap: under load there is always something more.
    if (page.upTo >= upTo) return upTo;
  }
}

function guarded<T>({ guard }: RebuildParts, after: number, work: () => Promise<T>): Promise<T> {
  return guard ? guard.run(after, work) : work();
}

async function takePage(
  target: Rebuilt,
  { access, read }: RebuildParts,
  range: RebuildRange,
): Promise<RebuildPage> {
  const page = await read(range);
  const { after } = range;
  await access.transaction((tx) => foldPage(target, access, { after, page }, tx));
  return page;
}

/** Raises the progress first: who else is at this page waits here, and then finds that it is done. */
async function foldPage(
  target: Rebuilt,
  { tables }: ViewAccess,
  { after, page }: { readonly after: number; readonly page: RebuildPage },
  tx: Transaction,
): Promise<void> {
  if (!(await tables.saveProgress(tx, target, { from: after, to: page.upTo }))) return;
  await target.take(page.events, tx);
}

async function progressOf(target: ViewShape, { access }: RebuildParts): Promise<number> {
  const versions = await access.tables.versions(access.sql, target);
  // Gone if another process has swapped it in: then there is nothing to fill.
  return (
    versions.find(({ version, state }) => version === target.version && state === 'building')
      ?.position ?? Number.POSITIVE_INFINITY
  );
}

/**
 * At exactly the position that the version that serves has reached: what was read of the view is never
 * older afterwards (H36), and nothing is folded twice. False if it has to be begun anew.
 */
async function swap(
  reader: Rebuilt,
  target: Rebuilt,
  parts: RebuildParts,
  tx: Transaction,
): Promise<boolean> {
  const { tables } = parts.access;
  const upTo = await parts.checkpoint.lock(tx);
  const versions = await tables.versions(tx, reader, { lock: true });
  const built = versions.find(({ version }) => version === target.version);
  if (built?.state !== 'building') return true;
  if (await parts.checkpoint.isOvertaken?.(tx, target)) {
    await tables.discard(tx, target);
    return false;
  }
  if (built.position > upTo) throw tooFar(reader, built.position, upTo);
  for await (const page of pagesOf(parts, { after: built.position, upTo }, tx))
    await target.take(page, tx);
  await tables.saveProgress(tx, target, { from: built.position, to: upTo });
  await tables.activate(tx, target);
  await parts.checkpoint.adopt(tx, reader);
  return true;
}

/** Read in the transaction that waits for them: it would be ended if it idled meanwhile. */
async function* pagesOf(
  { read }: Pick<RebuildParts, 'read'>,
  { after, upTo }: RebuildRange,
  tx: Transaction,
): AsyncGenerator<readonly FeedEvent[]> {
  for (let mark = after; mark < upTo; ) {
    const page = await read({ after: mark, upTo }, tx);
    yield page.events;
    mark = page.upTo;
  }
}

function outdated({ kind, name, version }: Rebuilt): TroupeError {
  return new TroupeError(
    'ViewOutdated',
    `${kind} ${name}: version ${version} was replaced by a higher one: raise the version above that, or rebuild with the newer code`,
    { name, version },
  );
}

function tooFar({ kind, name, version }: Rebuilt, position: number, upTo: number): TroupeError {
  return new TroupeError(
    'RebuildTooFar',
    `${kind} ${name}: version ${version} is built up to position ${position}, and the one that serves has come to ${upTo} only: was the log restored? Drop the table of version ${version} and its row in "views", and rebuild`,
    { name, version, position, upTo },
  );
}
