import assert from 'node:assert';

/** Deeply and strictly equal, but for properties that are `undefined`. */
export function same(actual: unknown, expected: unknown): void {
  assert.deepStrictEqual(defined(actual), defined(expected));
}

/** Has what is expected, and perhaps more properties; lists are as long. */
export function matches(actual: unknown, expected: unknown): void {
  same(likeOf(actual, expected), expected);
}

export function differs(actual: unknown, other: unknown): void {
  assert.notDeepStrictEqual(actual, other);
}

export function hasLength(actual: readonly unknown[], length: number): void {
  assert.strictEqual(actual.length, length);
}

export function isUndefined(actual: unknown): void {
  assert.strictEqual(actual, undefined);
}

export function isBelow(actual: number, bound: number): void {
  assert.ok(actual < bound, `expected less than ${bound}, got ${actual}`);
}

export function isAbove(actual: number, bound: number): void {
  assert.ok(actual > bound, `expected more than ${bound}, got ${actual}`);
}

export function isAtLeast(actual: number, bound: number): void {
  assert.ok(actual >= bound, `expected at least ${bound}, got ${actual}`);
}

export function isAtMost(actual: number, bound: number): void {
  assert.ok(actual <= bound, `expected at most ${bound}, got ${actual}`);
}

/** Rejects with an error that has these properties. */
export async function rejects(promise: Promise<unknown>, expected: object): Promise<void> {
  const outcome = await promise.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) assert.fail('expected a rejection, but it was resolved');
  matches(outcome.error, expected);
}

/** There is one, and here it is. */
export function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined, 'expected a value, got undefined');
  return value;
}

/** What a value has of the properties of `pattern`. */
function likeOf(value: unknown, pattern: unknown): unknown {
  if (!isObject(value) || !isObject(pattern)) return value;
  if (Array.isArray(value)) {
    const patterns: readonly unknown[] = Array.isArray(pattern) ? pattern : [];
    return value.map((item, i) => likeOf(item, patterns[i]));
  }
  return Object.fromEntries(
    Object.entries(pattern).map(([key, inner]) => [
      key,
      likeOf((value as Record<string, unknown>)[key], inner),
    ]),
  );
}

function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[key, defined(inner)]],
    ),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A Map or another instance is compared as it is. */
function isPlain(value: unknown): value is object {
  return isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
