import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHash } from '../../src/actor/request-hash.js';

function hashOf(type: string, data: unknown): string {
  return requestHash(type, data, JSON.stringify(data));
}

describe('the request hash', () => {
  it('is the same for the same type and data, however the data is written', () => {
    const hash = hashOf('pay', { a: 1, b: { c: [1, 2], d: null } });
    expect(hashOf('pay', { b: { d: null, c: [1, 2] }, a: 1.0 })).toBe(hash);
    expect(hash).toMatch(/^[\w-]{22}$/);
  });

  it.each([
    ['another type', 'Pay', { a: 1 }],
    ['another value', 'pay', { a: 2 }],
    ['another key', 'pay', { b: 1 }],
    ['one more key', 'pay', { a: 1, b: null }],
    ['text instead of a number', 'pay', { a: '1' }],
  ])('differs for %s', (_, type, data) => {
    expect(hashOf(type, data)).not.toBe(hashOf('pay', { a: 1 }));
  });

  it('depends on the values alone, never on the order of the keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(hashOf('t', turned)).toBe(hashOf('t', value));
      }),
    );
  });
});
