/** Limits of one JSON payload. */
export interface JsonLimits {
  /** Bytes of UTF-8. */
  readonly maxBytes: number;
  /** Levels of nesting. */
  readonly maxDepth: number;
}

export const DEFAULT_JSON_LIMITS: JsonLimits = { maxBytes: 1024 * 1024, maxDepth: 64 };

/** What in a value JSON cannot carry, and where. `path` is empty or starts with `.` or `[`. */
export interface JsonProblem {
  readonly path: string;
  readonly found: string;
}

/** Thrown by `toJson`. */
export class NotJson extends Error {
  constructor(
    readonly path: string,
    readonly found: string,
  ) {
    super(`${path || 'the value'} cannot be stored as JSON: ${found}`);
    this.name = 'NotJson';
  }
}

/**
 * JSON text of a value that JSON carries without loss. Throws `NotJson` with the path of anything else:
 * a Date, Map, Set or class instance, NaN, an infinity, a bigint, a function, a symbol, `undefined` or
 * a hole in an array, an ill-formed string. A property that is `undefined` is left out and -0 is
 * written as 0, in memory as in the log, because the text is parsed again before anything uses it.
 */
export function toJson(value: unknown, limits: JsonLimits = DEFAULT_JSON_LIMITS): string {
  const problem = jsonProblem(value, limits.maxDepth);
  if (problem) throw new NotJson(problem.path, problem.found);
  const text = JSON.stringify(value);
  // A UTF-16 unit takes at most three bytes, so most texts need not be measured.
  if (text.length * 3 > limits.maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.maxBytes)
      throw new NotJson('', `${bytes} bytes, more than ${limits.maxBytes}`);
  }
  return text;
}

/** The first thing in a value that JSON cannot carry, or `undefined`. */
export function jsonProblem(
  value: unknown,
  maxDepth: number = DEFAULT_JSON_LIMITS.maxDepth,
): JsonProblem | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed()
        ? undefined
        : { path: '', found: 'a string with a lone surrogate' };
    case 'number':
      return Number.isFinite(value) ? undefined : { path: '', found: String(value) };
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : objectProblem(value, maxDepth);
    default:
      return { path: '', found: typeof value };
  }
}

function objectProblem(value: object, maxDepth: number): JsonProblem | undefined {
  if (maxDepth === 0) return { path: '', found: 'too many levels of nesting' };
  if (Array.isArray(value)) return arrayProblem(value, maxDepth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return { path: '', found: `an instance of ${className(prototype)}` };
  // Plain objects inherit nothing enumerable, and this loop makes no list of keys.
  for (const key in value) {
    const property = (value as Record<string, unknown>)[key];
    if (property === undefined) continue;
    const problem = keyProblem(key) ?? jsonProblem(property, maxDepth - 1);
    if (problem) return { path: `.${key}${problem.path}`, found: problem.found };
  }
  return undefined;
}

function keyProblem(key: string): JsonProblem | undefined {
  if (key === '__proto__') return { path: '', found: 'a key named __proto__' };
  return key.isWellFormed() ? undefined : { path: '', found: 'a key with a lone surrogate' };
}

function arrayProblem(value: readonly unknown[], maxDepth: number): JsonProblem | undefined {
  for (let i = 0; i < value.length; i++) {
    const problem =
      i in value ? jsonProblem(value[i], maxDepth - 1) : { path: '', found: 'a hole in an array' };
    if (problem) return { path: `[${i}]${problem.path}`, found: problem.found };
  }
  return undefined;
}

function className(prototype: unknown): string {
  const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name ? name : 'a class';
}

/** Whether `JSON.stringify` writes a parsed value's keys in code-unit order already. */
export function isCanonical(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isCanonical);
  let last = '';
  for (const key in value) {
    if (key < last || !isCanonical((value as Record<string, unknown>)[key])) return false;
    last = key;
  }
  return true;
}

/** JSON text with keys in code-unit order: the same for equal values however they were built. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const property = (value as Record<string, unknown>)[key];
    if (property !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(property)}`);
  }
  return `{${fields.join(',')}}`;
}
