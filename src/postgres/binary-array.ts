/*
 * Arrays in PostgreSQL's binary wire form (array_recv in src/backend/utils/adt/arrayfuncs.c): number of
 * dimensions, flags, element type, then length and lower bound, then each element with its length.
 * Neither side has to quote and parse text, which costs more than all else in a batch.
 */

const HEADER_BYTES = 20;
const TEXT_OID = 25;
const INT4_OID = 23;
const INT8_OID = 20;
const TIMESTAMPTZ_OID = 1184;
/** Milliseconds from 1970 to 2000, where PostgreSQL's timestamps start. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/** Up to this length a loop is faster than a call out of JavaScript. */
const SHORT_TEXT = 64;

/** Where texts are put together while the number of their bytes is not known. */
const scratch = Buffer.allocUnsafeSlow(512 * 1024);

/** `text[]` */
export function textArray(values: readonly string[]): Buffer {
  let most = HEADER_BYTES + 4 * values.length;
  for (const value of values) most += 3 * value.length; // bytes of UTF-8 per UTF-16 unit
  const buffer = most <= scratch.length ? scratch : Buffer.allocUnsafeSlow(most);
  writeHeader(buffer, TEXT_OID, values.length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    const length = writeText(buffer, value, offset + 4);
    buffer.writeInt32BE(length, offset);
    offset += 4 + length;
  }
  return Buffer.from(buffer.subarray(0, offset));
}

/** `text[]` with nulls. */
export function nullableTextArray(values: readonly (string | null)[]): Buffer {
  let most = HEADER_BYTES + 4 * values.length;
  for (const value of values) most += 3 * (value?.length ?? 0);
  const buffer = most <= scratch.length ? scratch : Buffer.allocUnsafeSlow(most);
  writeHeader(buffer, TEXT_OID, values.length);
  buffer.writeInt32BE(1, 4); // there may be nulls
  let offset = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : writeText(buffer, value, offset + 4);
    buffer.writeInt32BE(length, offset);
    offset += 4 + Math.max(0, length);
  }
  return Buffer.from(buffer.subarray(0, offset));
}

/** Writes the UTF-8 of a text and returns its bytes. */
function writeText(buffer: Buffer, value: string, start: number): number {
  const { length } = value;
  if (length > SHORT_TEXT) return buffer.write(value, start);
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 127) return buffer.write(value, start);
    buffer[start + i] = code;
  }
  return length;
}

/** `int[]` */
export function intArray(values: readonly number[]): Buffer {
  const buffer = withHeader(HEADER_BYTES + 8 * values.length, INT4_OID, values.length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = buffer.writeInt32BE(4, offset);
    offset = buffer.writeInt32BE(value, offset);
  }
  return buffer;
}

/** `bigint[]` of safe integers. */
export function bigintArray(values: readonly number[]): Buffer {
  return longArray(values, INT8_OID);
}

/** `timestamptz[]` of Unix milliseconds. */
export function timestampArray(unixMs: readonly number[]): Buffer {
  return longArray(
    unixMs.map((ms) => Math.round((ms - POSTGRES_EPOCH_MS) * 1000)),
    TIMESTAMPTZ_OID,
  );
}

function longArray(values: readonly number[], elementOid: number): Buffer {
  const buffer = withHeader(HEADER_BYTES + 12 * values.length, elementOid, values.length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = buffer.writeInt32BE(8, offset);
    offset = buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), offset);
    offset = buffer.writeUInt32BE(value >>> 0, offset);
  }
  return buffer;
}

function withHeader(size: number, elementOid: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  writeHeader(buffer, elementOid, length);
  return buffer;
}

function writeHeader(buffer: Buffer, elementOid: number, length: number): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(elementOid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}
