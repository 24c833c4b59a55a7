import { type ColumnType, columnText } from '../store/column-type.js';
import type { ViewOrder } from '../store/view-tables.js';

/*
 * A cursor is the place of a row in an order: the values that it is sorted by, and its key. So a page
 * begins after that place, whatever was written since, and even if the row itself is gone.
 */

/** The cursor for a row: opaque, and safe in a URL. */
export function cursorOf(order: readonly ViewOrder[], place: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify([signature(order), ...place])).toString('base64url');
}

/** The place that a cursor names; `undefined` for what is no cursor of this order. */
export function placeOf(
  cursor: unknown,
  order: readonly ViewOrder[],
): readonly (string | null)[] | undefined {
  if (typeof cursor !== 'string') return undefined;
  const [signed, ...place] = parsed(cursor);
  if (signed !== signature(order) || place.length !== order.length) return undefined;
  const isPlace = place.every((value, i) => isValue((order[i] as ViewOrder).type, value));
  return isPlace ? (place as (string | null)[]) : undefined;
}

function signature(order: readonly ViewOrder[]): string {
  return order.map(({ name, type, descending }) => `${name} ${type} ${descending}`).join();
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Is it what `columnText` writes? Whoever sends a cursor may have changed it. */
function isValue(type: ColumnType, text: unknown): boolean {
  if (text === null) return true;
  if (typeof text !== 'string') return false;
  switch (type) {
    case 'integer':
    case 'bigint':
      return /^-?\d{1,19}$/.test(text) && columnText('bigint', BigInt(text)) !== undefined;
    case 'boolean':
      return text === 'true' || text === 'false';
    default:
      return columnText(type, text) === text;
  }
}
