import { compareDecimals, decimalText } from './decimal.js';

/** Types of a view's columns, as Postgres calls them. */
export const COLUMN_TYPES = [
  'text',
  'integer',
  'bigint',
  'numeric',
  'boolean',
  'timestamptz',
  'date',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** Longest text in a column, in bytes of UTF-8: with the longest key it must fit into an index. */
export const MAX_TEXT_BYTES = 2000;

interface Rule {
  readonly expected: string;
  /** The one text for a value; `undefined` if it does not fit. */
  text(value: unknown): string | undefined;
  /** Orders two such texts. */
  compare(a: string, b: string): number;
}

const INT32 = 2n ** 31n;
const INT64 = 2n ** 63n;

const RULES: Readonly<Record<ColumnType, Rule>> = {
  text: {
    expected: `a string of at most ${MAX_TEXT_BYTES} bytes without zero bytes`,
    text: (value) => (typeof value === 'string' && isStorable(value) ? value : undefined),
    compare: (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
  },
  integer: {
    expected: 'a whole number of 32 bits',
    text: (value) => (typeof value === 'number' ? wholeText(value, INT32) : undefined),
    compare: compareWhole,
  },
  bigint: {
    expected: 'a safe whole number, or a bigint of 64 bits',
    text: (value) => wholeText(value, INT64),
    compare: compareWhole,
  },
  numeric: {
    expected: 'a finite number, or a decimal as a string',
    text: decimalText,
    compare: compareDecimals,
  },
  boolean: {
    expected: 'true or false',
    text: (value) => (typeof value === 'boolean' ? String(value) : undefined),
    compare: compareTexts,
  },
  timestamptz: {
    expected: 'a Date, or an ISO 8601 string with an offset, of the years 1 to 9999',
    text: instantText,
    compare: compareTexts,
  },
  date: {
    expected: 'a day as YYYY-MM-DD',
    text: (value) => (typeof value === 'string' && isDay(value) ? value : undefined),
    compare: compareTexts,
  },
};

/** What a value of a type is, for messages. */
export function expectedOf(type: ColumnType): string {
  return RULES[type].expected;
}

/**
 * The text that stands for a value, in all stores and in cursors: equal values have equal texts, and
 * Postgres reads it. `undefined` for what is not of that type.
 */
export function columnText(type: ColumnType, value: unknown): string | undefined {
  return RULES[type].text(value);
}

/** Orders two texts of a type as Postgres orders their values. */
export function compareColumns(type: ColumnType, a: string, b: string): number {
  return RULES[type].compare(a, b);
}

function isStorable(value: string): boolean {
  return (
    value.isWellFormed() && !value.includes('\0') && Buffer.byteLength(value) <= MAX_TEXT_BYTES
  );
}

function wholeText(value: unknown, limit: bigint): string | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  if (typeof value === 'number')
    return value >= -Number(limit) && value < Number(limit) ? String(value) : undefined;
  if (typeof value !== 'bigint') return undefined;
  return value >= -limit && value < limit ? String(value) : undefined;
}

function compareWhole(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

function instantText(value: unknown): string | undefined {
  if (typeof value === 'string' && !INSTANT.test(value)) return undefined;
  if (typeof value !== 'string' && !(value instanceof Date)) return undefined;
  const instant = new Date(value);
  if (Number.isNaN(instant.getTime())) return undefined;
  const text = instant.toISOString();
  // Postgres has no year 0, and others are written with a sign.
  return /^\d{4}-/.test(text) && !text.startsWith('0000') ? text : undefined;
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value) || value.startsWith('0000')) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
