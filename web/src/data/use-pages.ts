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
  readonly problem: Problem | undefined;
  /** Nothing has been answered yet. */
  readonly isLoading: boolean;
  /** There are more, and more are taken. */
  readonly hasMore: boolean;
  /** Asks for the next page, unless it is on its way. */
  more(): void;
  /** Begins anew, unless something is on its way. What is shown stays until the first page is there. */
  refresh(): void;
}

/** More than this is not kept: who looks for something searches. */
export const MOST_ITEMS = 50_000;

interface Listed<Item, Found> {
  readonly path: string | undefined;
  readonly items: readonly Item[];
  readonly last?: Found;
  readonly problem?: Problem;
}

const NOTHING = { items: [], last: undefined, problem: undefined } as const;

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
  const asking = useRef<AbortController | undefined>(undefined);
  const key = useStore(token);

  const load = (after: Page<Item>['next'], before: readonly Item[]): void => {
    if (path === undefined) return;
    asking.current?.abort();
    const own = new AbortController();
    asking.current = own;
    ask<Found>(after === undefined ? path : withCursor(bare ?? '', after), { signal: own.signal })
      .then((page) => setListed({ path, items: [...before, ...page.items], last: page }))
      .catch((error: unknown) => {
        if (!own.signal.aborted)
          setListed((known) => ({ ...known, path, problem: asProblem(error) }));
      })
      .finally(() => {
        if (asking.current === own) asking.current = undefined;
      });
  };
  // Another token, another round: it is asked anew.
  useEffect(() => {
    load(undefined, []);
    return () => asking.current?.abort();
  }, [path, round, key]);

  const { items, last, problem } = listed.path === path ? listed : NOTHING;
  const hasMore = last?.next !== undefined && last.isEnd !== true && items.length < MOST_ITEMS;
  return {
    ...{ items, last, problem, hasMore },
    isLoading: path !== undefined && last === undefined && problem === undefined,
    more() {
      // What failed is asked for again when somebody wants it, not each time its place is seen.
      if (hasMore && !asking.current && !problem) load(last.next, items);
    },
    refresh() {
      if (!asking.current) setRound((n) => n + 1);
    },
  };
}

function withCursor(path: string, after: string | number | undefined): string {
  if (after === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
}
