import { isTroupeError } from '../../messages/errors.js';
import type { Reason } from '../../store/subscriptions.js';
import type { Call } from '../call.js';
import { badRequest, type FieldError, HttpError } from '../http-error.js';
import { invalidQuery } from '../query-values.js';
import { readJson } from '../request-body.js';
import type { RouteSetup } from '../routes.js';

/** What cannot be asked of the runtime is the fault of the request: 400. */
export async function asked<Answer>(asking: Promise<Answer>): Promise<Answer> {
  try {
    return await asking;
  } catch (error) {
    if (isTroupeError(error, 'InvalidOption')) throw badRequest('InvalidQuery', error.message);
    throw error;
  }
}

/** Parameters that were given, by name. */
export function given<const Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const pairs = names.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, storable(name, value)] as const];
  });
  // Of these names alone.
  return Object.fromEntries(pairs) as Partial<Record<Name, string>>;
}

/** A text that a database can look for. */
export function storable(name: string, value: string): string {
  if (!value.includes('\0')) return value;
  throw invalidQuery(name, 'a text without the character 0', value);
}

/** A parameter that is one of a few words. */
export function wordOf<const Word extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw invalidQuery(name, `one of ${words.join(', ')}`, value);
}

/** `items` of a page, and where the next one begins. */
export function pageAfter<Item>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => string | number,
): { readonly items: readonly Item[]; readonly next?: string | number } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, ...(items.length > limit && last && { next: cursorOf(last) }) };
}

/** A body that is an object with these fields alone. Throws 400. */
export async function bodyOf<const Name extends string>(
  { options }: RouteSetup,
  call: Call,
  names: readonly Name[],
): Promise<Partial<Record<Name, unknown>>> {
  const body = await readJson(call, options.maxBodyBytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidBody([{ pointer: '', message: `expected an object with ${names.join(', ')}` }]);
  const strangers = Object.keys(body).filter((name) => !names.includes(name as Name));
  if (strangers.length === 0) return body as Partial<Record<Name, unknown>>;
  throw invalidBody(
    strangers.map((name) => ({
      pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: `expected one of ${names.join(', ')}`,
    })),
  );
}

/**
 * Who asks, and why. Who it is says the authorisation; where that knows nobody, the header `X-Operator` or
 * the body's `who`. Throws 400 where one is missing.
 */
export function reasonOf(
  call: Call,
  { who, why }: { readonly who?: unknown; readonly why?: unknown },
): Reason {
  const operator = call.principal?.principal ?? call.header('x-operator') ?? who;
  const wrong = [
    ...(isText(operator) ? [] : [missing('/who')]),
    ...(isText(why) ? [] : [missing('/why')]),
  ];
  if (isText(operator) && isText(why)) return { who: operator, why };
  throw invalidBody(wrong);
}

/** The error for a body that does not say what it should: 400. */
export function invalidBody(errors: readonly FieldError[]): HttpError {
  const [first] = errors;
  const detail = `The body does not fit at ${JSON.stringify(first?.pointer)}: ${first?.message}`;
  return new HttpError('InvalidBody', detail, { status: 400, errors });
}

const MAX_TEXT = 1000;

/** Is it a text that can be kept? */
export function isText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= MAX_TEXT &&
    !value.includes('\0')
  );
}

function missing(pointer: string): FieldError {
  return { pointer, message: `expected a text of at most ${MAX_TEXT} characters: it is kept` };
}
