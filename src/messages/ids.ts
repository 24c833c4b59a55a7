import { randomFillSync } from 'node:crypto';

/** Longest id of an aggregate instance, in UTF-8 bytes. */
export const MAX_ID_BYTES = 512;

const RANDOM_BYTES = 8;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
const DASH = 0x2d;
const pool = Buffer.allocUnsafe(RANDOM_BYTES * 512);
/** The text of one UUID, written digit by digit: strings built from parts cost the collector more. */
const text = Buffer.alloc(36, DASH);
let poolOffset = pool.length;
let lastMs = 0;
let sequence = 0;

/**
 * A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, a 12-bit counter that keeps ids of one
 * thread in order within a millisecond, and 62 random bits.
 */
export function uuidv7(nowMs: number = Date.now()): string {
  if (nowMs > lastMs) startMillisecond(nowMs);
  else if (++sequence > 0xfff) startMillisecond(lastMs + 1);
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  writeHex(0x7000 | sequence, 14, 4);
  writeHex((((byte(0) << 8) | byte(1)) & 0x3fff) | 0x8000, 19, 4);
  for (let i = 2; i < RANDOM_BYTES; i++) writeHex(byte(i), 20 + 2 * i, 2);
  poolOffset += RANDOM_BYTES;
  return text.toString('latin1');
}

function byte(index: number): number {
  return pool[poolOffset + index] ?? 0;
}

function startMillisecond(ms: number): void {
  lastMs = ms;
  sequence = 0;
  writeHex(Math.floor(ms / 0x10000), 0, 8);
  writeHex(ms % 0x10000, 9, 4);
}

function writeHex(value: number, offset: number, digits: number): void {
  let rest = value;
  for (let i = offset + digits - 1; i >= offset; i--) {
    text[i] = HEX[rest % 16] as number;
    rest = Math.floor(rest / 16);
  }
}

/** The opaque id of an event, `aggregate/id@version`, with both names percent-encoded. */
export function eventId(aggregate: string, id: string, version: number): string {
  return `${encodeURIComponent(aggregate)}/${encodeURIComponent(id)}@${version}`;
}

/** One string for (aggregate, id), unambiguous because neither may contain a control character. */
export function streamKey(aggregate: string, id: string): string {
  return `${aggregate}\0${id}`;
}

/**
 * Why a string cannot be the id of an aggregate instance, or `undefined` if it can. Ids are compared
 * by code points and never normalised: two spellings of one glyph are two ids.
 */
export function idProblem(id: unknown): string | undefined {
  if (typeof id !== 'string') return `expected a string, got ${id === null ? 'null' : typeof id}`;
  if (id.length === 0) return 'expected at least one character, got an empty string';
  // A UTF-16 unit takes at most three bytes.
  const bytes = id.length * 3 <= MAX_ID_BYTES ? 0 : Buffer.byteLength(id);
  if (bytes > MAX_ID_BYTES) return `expected at most ${MAX_ID_BYTES} bytes of UTF-8, got ${bytes}`;
  if (!id.isWellFormed()) return 'expected well-formed Unicode, got a lone surrogate';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(id)) return 'expected no control characters';
  return undefined;
}

/**
 * Orders strings by Unicode code point, as PostgreSQL's collation "C" does in UTF-8; `<` on JavaScript
 * strings orders by UTF-16 unit, which differs above U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the basic plane, so that units compare as code points do. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}
