import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OwnPositions } from '../../src/dispatcher/own-positions.js';
import { rangesOf } from '../../src/messages/position-range.js';

describe('the positions a process has stored', () => {
  it('are kept as runs, whatever order batches are told in', () => {
    fc.assert(
      fc.property(batches, fc.nat(60), (all, after) => {
        const own = new OwnPositions();
        for (const batch of all) for (const range of rangesOf(batch)) own.add(range);
        const known = new Set(all.flat());
        for (let position = 0; position <= 60; position++)
          expect(own.has(position)).toBe(known.has(position));
        let end = after;
        while (known.has(end + 1)) end += 1;
        expect(own.endOfRunAfter(after)).toBe(end);
        expect(own.highest).toBe(Math.max(0, ...known));
        own.dropUpTo(after);
        for (let position = after + 1; position <= 60; position++)
          expect(own.has(position)).toBe(known.has(position));
      }),
    );
  });

  it('forget the lowest when there are too many runs, never the newest', () => {
    const own = new OwnPositions();
    for (let i = 0; i <= 10_000; i++) own.add({ first: 2 * i, last: 2 * i });
    expect(own.has(0)).toBe(false);
    expect(own.has(20_000)).toBe(true);
  });
});

/** Positions 1 to 50 dealt out to batches, which are told in any order; some positions are others'. */
const batches = fc.array(fc.nat(5), { minLength: 50, maxLength: 50 }).chain((owners) => {
  const dealt = [1, 2, 3, 4, 5].map((owner) =>
    owners.flatMap((given, i) => (given === owner ? [i + 1] : [])),
  );
  return fc.shuffledSubarray(dealt, { minLength: 5, maxLength: 5 });
});
