/** Number of slices; stored in the database and checked at start. */
export const SLICES = 256;

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The slice of an id: 32-bit FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv) over the UTF-8 bytes of the
 * aggregate, a zero byte and the id, folded to 8 bits by xor. Fixed for ever: it is stored with events.
 */
export function sliceOf(aggregate: string, id: string): number {
  let hash = mix(OFFSET_BASIS, aggregate);
  hash = Math.imul(hash, PRIME); // the zero byte: x ^ 0 = x
  hash = mix(hash, id);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff;
}

function mix(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return mixBytes(hash, Buffer.from(text.slice(i)));
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return hash;
}

function mixBytes(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash;
}
