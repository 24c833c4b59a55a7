import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sliceOf } from '../../src/messages/slice.js';
import { SLICE_VECTORS } from '../messages/slice-vectors.js';
import { useLog } from './support/use-log.js';

const log = useLog();

it('the slice of an id is the same in SQL as in TypeScript', async () => {
  const { rows } = await query(SLICE_VECTORS);
  expect(rows.map((row) => row.slice)).toEqual(SLICE_VECTORS.map((vector) => vector[2]));
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter(storable);
  const samples = fc.sample(fc.tuple(text, text), 500);
  const found = await query(samples);
  expect(found.rows.map((row) => row.slice)).toEqual(samples.map(([a, b]) => sliceOf(a, b)));
});

async function query(samples: readonly (readonly [string, string, number?])[]) {
  const client = await log.stranger();
  return client.query<{ slice: number }>(
    `SELECT ${log.log.schema}.slice_of(aggregate, id) AS slice
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(aggregate, id, ord) ORDER BY ord`,
    [samples.map((it) => it[0]), samples.map((it) => it[1])],
  );
}

function storable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
