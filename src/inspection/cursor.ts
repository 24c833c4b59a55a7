import { SetupError } from '../messages/errors.js';
import type { Place } from '../shard/best-actors.js';
import type { ActorSort } from '../shard/questions.js';

/** Where the next page of a list of actors begins: opaque text, good for the same order only. */
export function cursorAfter(sort: ActorSort, { rank, aggregate, id }: Place): string {
  return Buffer.from(JSON.stringify([sort, rank, aggregate, id])).toString('base64url');
}

/** Reads a cursor. Throws `InvalidOption` for one that was not made for this order. */
export function placeOf(cursor: string, sort: ActorSort): Place {
  const parts = parsed(cursor);
  if (Array.isArray(parts) && parts.length === 4) {
    const [order, rank, aggregate, id] = parts as unknown[];
    const fits =
      typeof rank === 'number' && typeof aggregate === 'string' && typeof id === 'string';
    if (order === sort && fits) return { rank, aggregate, id };
  }
  const expected = `the cursor of a page that was sorted by ${sort}`;
  throw invalidOption('after', expected, cursor);
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** An option of an inspection that cannot be. */
export function invalidOption(option: string, expected: string, given: unknown): SetupError {
  const shown = typeof given === 'string' ? JSON.stringify(given) : String(given);
  return new SetupError('InvalidOption', `Option ${option}: expected ${expected}, got ${shown}`, {
    option,
    expected,
    given: shown,
  });
}

const LIMIT = { least: 1, most: 1000, fallback: 100 };

/** Entries of a page. */
export function limitOf(given: number | undefined): number {
  return wholeNumber('limit', given ?? LIMIT.fallback, LIMIT);
}

/** Checks a number of the caller's. */
export function wholeNumber(
  option: string,
  given: unknown,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  if (Number.isSafeInteger(given) && (given as number) >= least && (given as number) <= most)
    return given as number;
  throw invalidOption(option, `a whole number from ${least} to ${most}`, given);
}
