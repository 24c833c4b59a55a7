/** Object numbers in the advisory lock space of one schema; writers have their own id, above these. */
export const APPEND_LOCK = 0;
export const MIGRATION_LOCK = -1;
/** Held while inline projections are registered, activated or removed. */
export const INLINE_LOCK = -4;
/** Held while the tables of views are made, swapped or dropped. */
export const VIEW_LOCK = -3;

const MAX_NAME_BYTES = 63;

/** Why a string cannot be the name of Troupe's schema, or `undefined` if it can. */
export function schemaProblem(name: string): string | undefined {
  const bytes = Buffer.byteLength(name);
  // Postgres would cut a longer name, and two names for one schema would lock apart.
  if (bytes === 0 || bytes > MAX_NAME_BYTES)
    return `expected 1 to ${MAX_NAME_BYTES} bytes, got ${bytes}`;
  if (name.includes('\0') || name.includes('$$'))
    return `expected no zero byte and no $$, got ${JSON.stringify(name)}`;
  return undefined;
}

/** A schema's name, quoted for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * First key of all advisory locks of a schema: 31 bits of FNV-1a over its name. Two schemas of one
 * database that collide only wait for each other.
 */
export function lockClass(schema: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`troupe/${schema}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash & 0x7fffffff;
}
