import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isNearEnd, type RowWindow, windowOf } from './row-window.js';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Track of a CSS grid: `minmax(10rem, 2fr)`. Default `minmax(4.5rem, 1fr)`. */
  readonly width?: string;
  /** Figures stand at the right. */
  readonly isFigure?: boolean;
  /** Left out where the table is narrower than this. Pixels. */
  readonly from?: number;
}

export interface DataTableProps<Row> {
  /** What it is a table of. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Rows there are in all, where that is known and not all of them are here. */
  readonly total?: number | undefined;
  /** Called when the end comes near. */
  readonly onEnd?: (() => void) | undefined;
  /** Marks the row as the one that is looked at. */
  readonly isCurrent?: (row: Row) => boolean;
}

const ROW_HEIGHT = 36;

/**
 * A table of any length: only the rows that are seen are drawn. It scrolls with the page, so that there is
 * one way to scroll, also on a phone. Columns that do not fit are left out by their `from`.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, total, keyOf, onEnd, isCurrent } = props;
  const body = useRef<HTMLDivElement>(null);
  const { width, view } = useWindow(body, rows.length, onEnd);
  const columns = props.columns.filter(({ from = 0 }) => width >= from);
  const gridTemplateColumns = columns.map((it) => it.width ?? 'minmax(4.5rem, 1fr)').join(' ');
  return (
    <div
      class="table"
      role="table"
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      {...WHOLE_ON_DEMAND}
    >
      <div class="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns }}>
        {columns.map(({ title, isFigure }) => (
          <div key={title} role="columnheader" class={isFigure ? 'cell figure-cell' : 'cell'}>
            {title}
          </div>
        ))}
      </div>
      <div
        ref={body}
        class="table-body"
        role="rowgroup"
        style={{ height: `${rows.length * ROW_HEIGHT}px` }}
      >
        {rows.slice(view.start, view.end).map((row, i) => (
          <div
            key={keyOf(row)}
            role="row"
            class={(view.start + i) % 2 ? 'row row-odd' : 'row'}
            aria-rowindex={view.start + i + 2}
            aria-current={isCurrent?.(row) ? 'true' : undefined}
            style={{ gridTemplateColumns, top: `${(view.start + i) * ROW_HEIGHT}px` }}
          >
            {columns.map(({ title, cell, isFigure }) => (
              <div key={title} role="cell" class={isFigure ? 'cell figure-cell' : 'cell'}>
                {cell(row)}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What is cut off stands in the title of its cell. */
function showWhole({ target }: Event): void {
  const cell = (target as Element).closest<HTMLElement>('.cell');
  const isCut = [cell, cell?.firstElementChild].some((it) => it && it.scrollWidth > it.clientWidth);
  if (cell) cell.title = isCut ? (cell.textContent ?? '') : '';
}
const WHOLE_ON_DEMAND = { onMouseOver: showWhole, onFocusIn: showWhole };

/** How wide the list is, and which of its rows are seen, as one scrolls. */
function useWindow(
  body: { readonly current: HTMLDivElement | null },
  rows: number,
  onEnd: (() => void) | undefined,
): { readonly width: number; readonly view: RowWindow } {
  const atEnd = useRef(onEnd);
  atEnd.current = onEnd;
  const [width, setWidth] = useState(() => innerWidth);
  const [view, setView] = useState<RowWindow>({ start: 0, end: Math.min(rows, 60) });
  useLayoutEffect(() => {
    const look = (): void => {
      const { current } = body;
      if (!current) return;
      const { top, width: wide } = current.getBoundingClientRect();
      const next = windowOf({ rows, rowHeight: ROW_HEIGHT, top, height: innerHeight });
      setWidth(wide);
      setView((last) => (last.start === next.start && last.end === next.end ? last : next));
      if (isNearEnd(next, rows)) atEnd.current?.();
    };
    look();
    const observer = new ResizeObserver(look);
    if (body.current) observer.observe(body.current);
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      observer.disconnect();
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [body, rows]);
  return { width, view };
}
