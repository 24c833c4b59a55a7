import { useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from './answers.js';
import { ask, type Problem } from './api.js';
import { token } from './session.js';
import { useStore } from './store.js';
import { asProblem } from './use-query.js';

/** A list that comes in pages, as far as it was asked for. */
export interface Pages<Item, Found extends Page<Item>> {
  readonly items: readonly Item[];
  /** The page that came last. */
  readonly last: Found | undefined;
  /** When the first page was asked for; those behind it are as new or newer. Unix milliseconds. */
  readonly at: number | undefined;
  readonly problem: Problem | undefined;
  /** Nothing has been answered yet. */
  readonly isLoading: boolean;
  /** There are more, and more are taken. */
  readonly hasMore: boolean;
  /** Asks for the next page, unless it is on its way. */
  more(): void;
  /** Asks for all anew that is there, unless something is on its way. It stays until the last of it is there. */
  refresh(): void;
}

/** More than this is not kept: who looks for something searches. */
export const MOST_ITEMS = 50_000;

interface Listed<Item, Found> {
  readonly path: string | undefined;
  readonly items: readonly Item[];
  readonly last?: Found;
  readonly at?: number;
  readonly problem?: Problem;
}

const NOTHING = { items: [], last: undefined, at: undefined, problem: undefined } as const;

/**
 * A list of the server by its path; the cursor is added to it as `after`, that of the first page too, if one is
 * given. An undefined path asks nothing. Pages of a log always have a next one: they end by `isEnd`.
 */
export function usePages<Item, Found extends Page<Item> = Page<Item>>(
  bare: string | undefined,
  start?: Page<Item>['next'],
): Pages<Item, Found> {
  const path = bare === undefined ? undefined : withCursor(bare, start);
  const [listed, setListed] = useState<Listed<Item, Found>>({ path, items: [] });
  const [round, setRound] = useState(0);
  const asking = useRef<Loading | undefined>(undefined);
  const key = useStore(token);
  const { items, last, at, problem } = listed.path === path ? listed : NOTHING;

  const load = (found: Listed<Item, Found>, rows: number): void => {
    asking.current?.abort();
    const own: Loading = Object.assign(new AbortController(), { isAnew: !found.last });
    asking.current = own;
    loaded(bare ?? '', { found, start, rows, signal: own.signal })
      .then(setListed)
      .catch((error: unknown) => {
        if (!own.signal.aborted)
          setListed((known) => ({ ...known, path, problem: asProblem(error) }));
      })
      .finally(() => {
        if (asking.current === own) asking.current = undefined;
      });
  };
  // Another token, another round: it is asked anew, as far as it was there.
  useEffect(() => {
    if (path !== undefined) load({ path, items: [], at: Date.now() }, items.length);
    return () => asking.current?.abort();
  }, [path, round, key]);

  const hasMore = last?.next !== undefined && last.isEnd !== true && items.length < MOST_ITEMS;
  return {
    ...{ items, last, at, problem, hasMore },
    isLoading: path !== undefined && last === undefined && problem === undefined,
    more() {
      // What failed is asked for again when somebody wants it, not each time its place is seen.
      if (hasMore && !problem && asking.current?.isAnew !== false) load(listed, items.length + 1);
    },
    refresh() {
      if (!asking.current) setRound((n) => n + 1);
    },
  };
}

/** What is on its way; a list that is asked for anew gives way to its next page. */
type Loading = AbortController & { readonly isAnew: boolean };

/** Goes on with a list, page by page, until it has so many rows, or its end. */
async function loaded<Item, Found extends Page<Item>>(
  bare: string,
  { found, start, rows, signal }: Going<Item, Found>,
): Promise<Listed<Item, Found>> {
  const { last, items, path, at } = found;
  const page = await ask<Found>(withCursor(bare, last ? last.next : start), { signal });
  const more = { ...{ path, items: [...items, ...page.items], last: page }, ...(at && { at }) };
  if (more.items.length >= rows || page.next === undefined || page.isEnd) return more;
  return loaded(bare, { found: more, start, rows, signal });
}

interface Going<Item, Found> {
  readonly found: Listed<Item, Found>;
  readonly start: Page<Item>['next'];
  readonly rows: number;
  readonly signal: AbortSignal;
}

function withCursor(path: string, after: string | number | undefined): string {
  if (after === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
}
