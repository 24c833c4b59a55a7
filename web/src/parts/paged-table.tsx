import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Page } from '../data/answers.js';
import { MOST_ITEMS, type Pages } from '../data/use-pages.js';
import { counted } from '../format/words.js';
import { type Column, DataTable } from './data-table.js';
import { Empty, Failed, Loading, Stale } from './states.js';
import { At } from './when.js';

interface PagedTableProps<Item> {
  readonly label: string;
  readonly list: Pages<Item, Page<Item>>;
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string | number;
  /** What is said where there is nothing. */
  readonly empty: string;
  /** What may be done then. */
  readonly hint?: ComponentChildren;
  readonly total?: number | undefined;
  readonly isCurrent?: (item: Item) => boolean;
}

/** A list of the server, whatever its length: the next page is asked for when its end comes near. */
export function PagedTable<Item>({ list, empty, hint, total, ...table }: PagedTableProps<Item>) {
  const { items, at, problem, isLoading, hasMore, more, refresh } = list;
  const isSearching = items.length === 0 && hasMore;
  // A page with nothing that fits need not be the last one.
  useEffect(() => {
    if (isSearching) more();
  }, [isSearching, list.last]);
  if (isLoading) return <Loading rows={8} />;
  if (isSearching && !problem)
    return <Empty title="Searching">Nothing that fits up to {String(list.last?.next)}.</Empty>;
  if (items.length === 0)
    return problem ? (
      <Failed problem={problem} retry={refresh} />
    ) : (
      <Empty title={empty}>{hint}</Empty>
    );
  return (
    <>
      <Stale problem={problem} retry={refresh} />
      <div class="panel panel-flush">
        <DataTable {...table} rows={items} total={total} {...(hasMore && { onEnd: more })} />
      </div>
      <p class="note">
        {counted(items.length, 'row')}
        {total !== undefined && total > items.length && ` of ${total.toLocaleString('en')}`}
        {at !== undefined && (
          <>
            {' '}
            as of <At at={at} />
          </>
        )}
        {items.length >= MOST_ITEMS && ': narrow the search to see others'}
      </p>
    </>
  );
}
