import fc from 'fast-check';
import type pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bigintArray,
  intArray,
  nullableTextArray,
  textArray,
  timestampArray,
} from '../../src/postgres/binary-array.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('arrays in binary form', () => {
  let client: pg.Client;
  beforeEach(async () => {
    client = await log.stranger();
  });

  const safe = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(...boundaries()));
  const text = fc
    .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'NULL', '{}', '"', '\\', ',', '😀'))
    .filter((it) => it.isWellFormed() && !it.includes('\0'));

  it('carry text', () => carries('text[]', text, textArray, (it) => it));
  it('carry text and nulls', () =>
    carries('text[]', fc.option(text), nullableTextArray, (it) => it));
  it('carry integers', () => carries('int[]', fc.integer(), intArray, String));
  it('carry all safe integers', () => carries('bigint[]', safe, bigintArray, String));

  it('carry times to the millisecond, from the year 1 on', () => {
    const time = fc
      .date({ min: new Date('0001-01-01'), max: new Date('4000-01-01'), noInvalidDate: true })
      .map((date) => date.getTime());
    return carriesTimes(time, (ms) => ms);
  });

  it('round times that are not whole milliseconds to microseconds', () => {
    const beforeTheEpochOfPostgres = Date.UTC(2000, 0, 1) - 0.0005;
    const time = fc.oneof(
      fc.double({ min: -1e12, max: 2e12, noNaN: true }),
      fc.constant(beforeTheEpochOfPostgres),
    );
    return carriesTimes(time, (ms) => Math.round(ms * 1000) / 1000);
  });

  it('are empty when there is nothing in them', async () => {
    for (const array of [textArray([]), intArray([]), bigintArray([]), timestampArray([])]) {
      expect(array.readInt32BE(12)).toBe(0);
    }
    const { rows } = await client.query('SELECT cardinality($1::text[]) AS n', [textArray([])]);
    expect(rows).toEqual([{ n: 0 }]);
  });

  async function carries<T>(
    type: string,
    element: fc.Arbitrary<T>,
    encode: (values: T[]) => Buffer,
    shown: (value: T) => string | null,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 50 }), async (values) => {
        const sql = `SELECT coalesce(json_agg(v::text ORDER BY ord), '[]') AS v
          FROM unnest($1::${type}) WITH ORDINALITY AS a(v, ord)`;
        const { rows } = await client.query<{ v: string[] }>(sql, [encode(values)]);
        expect(rows[0]!.v).toEqual(values.map(shown));
      }),
      { numRuns: 60 },
    );
  }

  async function carriesTimes(time: fc.Arbitrary<number>, expected: (ms: number) => number) {
    await fc.assert(
      fc.asyncProperty(fc.array(time, { maxLength: 50 }), async (values) => {
        const sql = `SELECT (extract(epoch FROM v) * 1000)::float8 AS ms
          FROM unnest($1::timestamptz[]) WITH ORDINALITY AS a(v, ord) ORDER BY ord`;
        const { rows } = await client.query<{ ms: number }>(sql, [timestampArray(values)]);
        rows.forEach((row, i) => {
          expect(Math.abs(row.ms - expected(values[i]!))).toBeLessThanOrEqual(0.0011);
        });
        expect(rows).toHaveLength(values.length);
      }),
      { numRuns: 60 },
    );
  }
});

function boundaries(): number[] {
  const powers = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 52, Number.MAX_SAFE_INTEGER - 1];
  return [0, ...powers.flatMap((n) => [n - 1, n, n + 1, -n, 1 - n, -1 - n])];
}
