import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../src/mailbox/mailbox.js';

/** One thing that can happen to a mailbox, done to the real one and to an array. */
type Step = (mailbox: Mailbox<number>, model: number[]) => void;

const numbers = fc.array(fc.nat(9), { maxLength: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.nat(9).map(
      (n): Step =>
        (mailbox, model) => {
          mailbox.push(n);
          model.push(n);
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constant<Step>((mailbox, model) => {
      expect(mailbox.peek()).toBe(model[0]);
      expect(mailbox.shift()).toBe(model.shift());
    }),
  },
  {
    weight: 1,
    arbitrary: numbers.map(
      (items): Step =>
        (mailbox, model) => {
          mailbox.unshiftAll(items);
          model.unshift(...items);
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(9).map(
      (n): Step =>
        (mailbox, model) => {
          const removed = model.filter((it) => it >= n);
          expect(mailbox.remove((it) => it >= n)).toEqual(removed);
          model.splice(0, model.length, ...model.filter((it) => it < n));
        },
    ),
  },
);

describe('a mailbox', () => {
  it('behaves as an array with push, shift, unshift and filter', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const mailbox = new Mailbox<number>();
        const model: number[] = [];
        for (const one of steps) {
          one(mailbox, model);
          expect([...mailbox]).toEqual(model);
          expect(mailbox.size).toBe(model.length);
        }
      }),
    );
  });

  it('keeps the order over many times what it holds at once', () => {
    const mailbox = new Mailbox<number>();
    const taken: (number | undefined)[] = [];
    const all = Array.from({ length: 50_000 }, (_, i) => i);
    for (const i of all) {
      mailbox.push(i);
      if (i % 3 !== 0) taken.push(mailbox.shift());
    }
    while (mailbox.size > 0) taken.push(mailbox.shift());
    expect(taken).toEqual(all);
    expect(mailbox.shift()).toBeUndefined();
  });

  it('does not slow down as it grows: shifting does not move what is left', () => {
    const mailbox = new Mailbox<number>();
    for (let i = 0; i < 200_000; i++) mailbox.push(i);
    const started = performance.now();
    while (mailbox.size > 0) mailbox.shift();
    // An array of that length takes seconds.
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
