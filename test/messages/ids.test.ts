import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareCodePoints,
  eventId,
  idProblem,
  streamKey,
  uuidv7,
} from '../../src/messages/ids.js';

describe('a UUID of version 7', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('has the form and the time that RFC 9562 asks for', () => {
    const nowMs = Date.UTC(2100, 0, 1);
    const id = uuidv7(nowMs);
    expect(id).toMatch(form);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs);
  });

  it('is higher than all before it, also within a millisecond and when the clock goes back', () => {
    const start = Date.UTC(2200, 0, 1);
    const ids: string[] = [];
    for (let i = 0; i < 10_000; i++) ids.push(uuidv7(start));
    for (let i = 0; i < 10_000; i++) ids.push(uuidv7(start + 50 - (i % 100)));
    expect(ids.every((id) => form.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
  });
});

describe('comparing by code points', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 }).filter((it) => it.isWellFormed());

  it('orders as UTF-8 does', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareCodePoints(a, b))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('puts characters beyond the basic plane last, where < on strings does not', () => {
    const ordered = ['', 'a', 'aa', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    expect(ordered.toReversed().sort(compareCodePoints)).toEqual(ordered);
    expect([...ordered].sort()).not.toEqual(ordered);
  });
});

describe('an id', () => {
  it.each([
    '1',
    'q, 7)=(z',
    '😀',
    'é',
    'e\u0301',
    ' ',
    '/',
    '@',
    'x'.repeat(512),
    '\ufffd',
    '\u2028',
  ])('may be %j', (id) => {
    expect(idProblem(id)).toBeUndefined();
  });

  it.each([
    ['', /at least one character/],
    ['x'.repeat(513), /at most 512 bytes of UTF-8, got 513/],
    ['😀'.repeat(129), /got 516/],
    ['a\0b', /control characters/],
    ['a\nb', /control characters/],
    ['\u007f', /control characters/],
    ['\u0085', /control characters/],
    [7, /expected a string, got number/],
    [null, /expected a string, got null/],
    [undefined, /expected a string, got undefined/],
  ])('may not be %j', (id, problem) => {
    expect(idProblem(id)).toMatch(problem);
  });

  it('H24 may not be ill-formed, for two such ids would be one in the database', () => {
    expect(Buffer.from('a\ud800').equals(Buffer.from('a\udc00'))).toBe(true);
    expect(idProblem('a\ud800')).toMatch(/lone surrogate/);
    expect(idProblem('\udc00\ud800')).toMatch(/lone surrogate/);
  });
});

describe('names made of ids', () => {
  it('of events are readable and keep the parts apart', () => {
    expect(eventId('account', '7', 3)).toBe('account/7@3');
    expect(eventId('a/b', 'c@1/é', 2 ** 40)).toBe('a%2Fb/c%401%2F%C3%A9@1099511627776');
  });

  it('of streams are as many as there are streams', () => {
    expect(streamKey('a', 'bc')).not.toBe(streamKey('ab', 'c'));
  });
});
