import { NONE } from './numbers.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size: `512 B`, `3.4 KiB`, `118 MiB`. */
export function bytes(size: number | undefined): string {
  if (size === undefined) return NONE;
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = Number.isInteger(value) || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
