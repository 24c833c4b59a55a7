/** Which rows of a long list are drawn. */
export interface RowWindow {
  /** The first one, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Where a list is seen. Pixels. */
export interface Viewed {
  readonly rows: number;
  readonly rowHeight: number;
  /** Top of the list within what is seen; negative once it is scrolled beyond. */
  readonly top: number;
  /** Height of what is seen. */
  readonly height: number;
}

/** Rows drawn beyond both edges: so none is missing while one scrolls. */
const BEYOND = 12;

/** The rows that are to be seen, and some around them. Begins at an even row, for stripes. */
export function windowOf({ rows, rowHeight, top, height }: Viewed): RowWindow {
  const first = Math.floor(-top / rowHeight) - BEYOND;
  const last = Math.ceil((height - top) / rowHeight) + BEYOND;
  const start = Math.min(Math.max(0, first), Math.max(0, rows - 1));
  return { start: start - (start % 2), end: Math.max(0, Math.min(rows, last)) };
}

/** Is the end of the list near enough to ask for more? */
export function isNearEnd({ end }: RowWindow, rows: number): boolean {
  return end >= rows - BEYOND;
}
