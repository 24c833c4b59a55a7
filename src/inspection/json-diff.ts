/** One difference between two JSON values. */
export interface Change {
  /** Where: a JSON pointer (RFC 6901); empty for the whole value. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Undefined where it was added. */
  readonly before?: unknown;
  /** Undefined where it was removed. */
  readonly after?: unknown;
}

/** What differs between two JSON values: up to `limit` changes, in the order of the paths of `before`. */
export function jsonDiff(before: unknown, after: unknown, limit: number): Change[] {
  const changes: Change[] = [];
  const open: [path: string, before: unknown, after: unknown][] = [['', before, after]];
  // Its own stack: a state may be nested more deeply than calls may be.
  for (let pair = open.pop(); pair && changes.length < limit; pair = open.pop()) {
    const [path, old, now] = pair;
    if (isNested(old) && isNested(now) && Array.isArray(old) === Array.isArray(now))
      open.push(...inner(path, old, now).reverse());
    else if (!Object.is(old, now)) changes.push(change(path, old, now));
  }
  return changes;
}

type Nested = Readonly<Record<string, unknown>>;

function isNested(value: unknown): value is Nested {
  return typeof value === 'object' && value !== null;
}

function inner(path: string, before: Nested, after: Nested): [string, unknown, unknown][] {
  const keys = [
    ...Object.keys(before),
    ...Object.keys(after).filter((key) => !hasOwn(before, key)),
  ];
  return keys.map((key) => [
    `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    hasOwn(before, key) ? before[key] : undefined,
    hasOwn(after, key) ? after[key] : undefined,
  ]);
}

function hasOwn(value: Nested, key: string): boolean {
  return Object.hasOwn(value, key);
}

/** JSON has no `undefined`: it stands for what is not there. */
function change(path: string, before: unknown, after: unknown): Change {
  if (before === undefined) return { path, kind: 'added', after };
  if (after === undefined) return { path, kind: 'removed', before };
  return { path, kind: 'changed', before, after };
}
