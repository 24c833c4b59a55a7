import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLICES, sliceOf } from '../../src/messages/slice.js';
import { SLICE_VECTORS } from './slice-vectors.js';

describe('the slice of an id', () => {
  it.each(SLICE_VECTORS)('of %j and %j is %d, for ever', (aggregate, id, slice) => {
    expect(sliceOf(aggregate, id)).toBe(slice);
  });

  it('is one of 256, for any names', () => {
    expect(SLICES).toBe(256);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (aggregate, id) => {
        const slice = sliceOf(aggregate, id);
        expect(Number.isInteger(slice) && slice >= 0 && slice < SLICES).toBe(true);
      }),
    );
  });

  it('spreads numbered ids evenly', () => {
    const counts = new Array<number>(SLICES).fill(0);
    for (let i = 0; i < 25_600; i++) counts[sliceOf('account', String(i))]!++;
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(200);
  });
});
