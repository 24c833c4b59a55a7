import type { LogEnd } from '../../store/store.js';
import { bigintArray } from '../binary-array.js';
import { type Statement, statement } from './statement.js';

/** Where the log ends, and whether others may write. $1 writers that are not others. */
export function logEndStatement(schema: string): Statement<[readonly number[]], LogEnd> {
  return statement({
    name: 'troupe_log_end',
    text: `SELECT coalesce((SELECT max(position) FROM ${schema}.events), 0),
  EXISTS (SELECT 1 FROM ${schema}.writers WHERE id <> ALL ($1::bigint[]))`,
    values: (writers) => [bigintArray(writers)],
    read: (rows) => ({ position: Number(rows[0]?.[0]), othersWrite: rows[0]?.[1] === 't' }),
  });
}
