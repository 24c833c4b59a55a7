import type { Ids } from '../aggregate/domain.js';

const LAST = 0xffff_ffff_ffff;

/**
 * Ids that are the same on every run: UUIDs (version 8) that count from 1, so
 * `00000000-0000-8000-8000-000000000001` is the first. `series` (0 to 65535) tells two makers apart.
 */
export function sequentialIds(series = 0): Ids {
  if (!Number.isInteger(series) || series < 0 || series > 0xffff)
    throw new RangeError(`sequentialIds: expected a series from 0 to 65535, got ${String(series)}`);
  const start = `00000000-${hex(series, 4)}-8000-8000-`;
  let count = 0;
  return {
    newId: () => {
      count = count === LAST ? 1 : count + 1;
      return start + hex(count, 12);
    },
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
