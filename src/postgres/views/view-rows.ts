import type { ViewRow, ViewShape } from '../../store/view-tables.js';
import { nullableTextArray, textArray } from '../binary-array.js';
import { quoted } from '../names.js';
import { tableOf } from './view-names.js';

/** A statement as it is sent. */
export interface SqlCall {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Documents by key. $1 keys. */
export function loadSql(schema: string, view: ViewShape, keys: readonly string[]): SqlCall {
  return {
    text: `SELECT key, document::text AS document FROM ${tableOf(schema, view)} WHERE key = ANY($1::text[])`,
    values: [textArray(keys)],
  };
}

/** Stores documents, in order of the key, so that two never deadlock. $1 keys, $2 documents, $3... columns. */
export function upsertSql(schema: string, view: ViewShape, rows: readonly ViewRow[]): SqlCall {
  const names = view.columns.map(({ name }) => quoted(name));
  const list = ['key', 'document', ...names].join(', ');
  const arrays = names.map((_, i) => `$${i + 3}::text[]`);
  const given = names.map((_, i) => `c${i}`);
  const casts = view.columns.map(({ type }, i) => `n.c${i}::${type}`);
  const updates = ['document', ...names].map((name) => `${name} = EXCLUDED.${name}`);
  return {
    text: `INSERT INTO ${tableOf(schema, view)} (${list})
SELECT ${['n.key', 'n.document::json', ...casts].join(', ')}
FROM unnest(${['$1::text[]', '$2::text[]', ...arrays].join(', ')}) AS n(${['key', 'document', ...given].join(', ')})
ORDER BY n.key COLLATE "C"
ON CONFLICT (key) DO UPDATE SET ${updates.join(', ')}`,
    values: [
      textArray(rows.map((row) => row.key)),
      textArray(rows.map((row) => row.document)),
      ...names.map((_, i) => nullableTextArray(rows.map((row) => row.columns[i] ?? null))),
    ],
  };
}

/** Deletes documents. $1 keys. */
export function deleteSql(schema: string, view: ViewShape, keys: readonly string[]): SqlCall {
  return {
    text: `DELETE FROM ${tableOf(schema, view)} WHERE key = ANY($1::text[])`,
    values: [textArray(keys)],
  };
}
