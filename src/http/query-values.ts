import { oneOf } from '../internal/nearest.js';
import { badRequest, type HttpError } from './http-error.js';

/** The error for a parameter of a query: 400. */
export function invalidQuery(name: string, expected: string, given: string): HttpError {
  const shown = JSON.stringify(given.slice(0, 100));
  return badRequest('InvalidQuery', `${name}: expected ${expected}, got ${shown}`);
}

/** Refuses parameters that a route does not know: a misspelt filter would show everything. */
export function onlyKnown(query: URLSearchParams, names: readonly string[]): void {
  for (const name of query.keys())
    if (!names.includes(name))
      throw invalidQuery('The query', oneOf(names, name.slice(0, 100)), name);
}

/** A whole number of the query, from 0 (or `least`) to `most`. */
export function wholeOf(
  query: URLSearchParams,
  name: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER, fallback }: WholeRange,
): number {
  const given = query.get(name);
  if (given === null) return fallback;
  const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalidQuery(name, `a whole number from ${least} to ${most}`, given);
}

/** What a whole number may be. */
export interface WholeRange {
  readonly least?: number;
  readonly most?: number;
  readonly fallback: number;
}

/** An instant of the query, as ISO 8601. */
export function instantOf(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  const ms = /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw invalidQuery(name, 'an instant as ISO 8601', given);
}
