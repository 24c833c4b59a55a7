import fc from 'fast-check';
import { expect, it } from 'vitest';
import { afterKey } from '../../web/src/pages/shards/grid-keys.js';
import { isNearEnd, windowOf } from '../../web/src/parts/row-window.js';

it('draws all rows that are seen, and few more, of a list of any length', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: -40_000_000, max: 2000 }),
      fc.integer({ min: 100, max: 3000 }),
      (rows, top, height) => {
        const rowHeight = 36;
        const { start, end } = windowOf({ rows, rowHeight, top, height });
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(rows);
        expect(end - start).toBeLessThan(height / rowHeight + 30);
        const firstSeen = Math.max(0, Math.floor(-top / rowHeight));
        const lastSeen = Math.min(rows - 1, Math.floor((height - top) / rowHeight));
        if (firstSeen > lastSeen) return;
        expect(start).toBeLessThanOrEqual(firstSeen);
        expect(end).toBeGreaterThan(lastSeen);
      },
    ),
  );
});

it('asks for more before the end is seen, not before it comes near', () => {
  const at = (top: number) => windowOf({ rows: 1000, rowHeight: 36, top, height: 720 });
  expect(isNearEnd(at(0), 1000)).toBe(false);
  expect(isNearEnd(at(-36 * 970), 1000)).toBe(true);
});

it.each([
  ['ArrowRight', 5, 6],
  ['ArrowDown', 5, 21],
  ['ArrowUp', 5, undefined],
  ['ArrowLeft', 0, undefined],
  ['End', 3, 255],
  ['Home', 3, 0],
  ['a', 3, undefined],
])('%s leads from cell %d to %s', (key, cell, next) =>
  expect(afterKey(key, cell, { columns: 16, cells: 256 })).toBe(next),
);
