import type { EventRow } from '../messages/event.js';
import { compareCodePoints } from '../messages/ids.js';
import type { AppendBatch } from './append.js';

/** What in a batch a database would refuse to store, or `undefined`. */
export function invalidData({ rows, outcomes }: AppendBatch): string | undefined {
  for (const [i, row] of rows.entries()) {
    const problem = rowProblem(row, rows[i - 1]);
    if (problem) return `event ${row.version} of ${row.aggregate}/${row.id}: ${problem}`;
  }
  const rejection = outcomes.find((it) => it.rejection !== undefined && !isJson(it.rejection));
  return (
    rejection && `outcome ${rejection.key} of ${rejection.aggregate}/${rejection.id}: not JSON`
  );
}

function rowProblem(row: EventRow, before: EventRow | undefined): string | undefined {
  if (!Number.isSafeInteger(row.version) || row.version < 1) return 'the version is not a count';
  if (!isJson(row.data) || !isJson(row.metadata)) return 'data or metadata is not JSON';
  const names = [row.aggregate, row.id, row.type, row.commandId];
  if (names.some((name) => name.includes('\0'))) return 'text with a zero byte';
  // Postgres would return positions in another order than that of the rows.
  if (before && compareRows(before, row) > 0) return 'the rows are not sorted';
  return undefined;
}

/** Orders rows as a batch must: by (aggregate, id, version), in code points. */
export function compareRows(a: EventRow, b: EventRow): number {
  return (
    compareCodePoints(a.aggregate, b.aggregate) ||
    compareCodePoints(a.id, b.id) ||
    a.version - b.version
  );
}

/** True for the text of a JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
