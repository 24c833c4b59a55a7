import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  isCanonical,
  jsonProblem,
  NotJson,
  toJson,
} from '../../src/internal/json.js';

class Money {
  constructor(readonly amount: number) {}
}

const holed: unknown[] = [1, 2, 3];
delete holed[1];
const circle: { self?: unknown } = {};
circle.self = circle;

describe('H13 a value that JSON does not carry', () => {
  it.each<[string, unknown, string, string]>([
    ['a Date', { at: new Date(0) }, '.at', 'an instance of Date'],
    ['a Map', { a: { b: new Map() } }, '.a.b', 'an instance of Map'],
    ['a Set', [new Set()], '[0]', 'an instance of Set'],
    ['a class instance', { price: new Money(1) }, '.price', 'an instance of Money'],
    ['an instance of an unnamed class', new (class {})(), '', 'an instance of a class'],
    ['a typed array', { a: new Uint8Array(1) }, '.a', 'an instance of Uint8Array'],
    ['a boxed number', { a: Object(1) }, '.a', 'an instance of Number'],
    ['Infinity', { a: [1, Infinity] }, '.a[1]', 'Infinity'],
    ['-Infinity', -Infinity, '', '-Infinity'],
    ['NaN', { a: NaN }, '.a', 'NaN'],
    ['a hole in an array', { a: holed }, '.a[1]', 'a hole in an array'],
    ['undefined in an array', [1, undefined], '[1]', 'undefined'],
    ['undefined itself', undefined, '', 'undefined'],
    ['a bigint', { a: 1n }, '.a', 'bigint'],
    ['a function', { a: { toJSON: () => 1 } }, '.a.toJSON', 'function'],
    ['a symbol', { a: Symbol('s') }, '.a', 'symbol'],
    ['a lone surrogate', { a: 'x\ud800' }, '.a', 'a string with a lone surrogate'],
    ['a lone surrogate in a key', { 'x\ud800': 1 }, '.x\ud800', 'a key with a lone surrogate'],
    [
      'a key named __proto__',
      JSON.parse('{"__proto__": 1}'),
      '.__proto__',
      'a key named __proto__',
    ],
    ['a circle', circle, '.self'.repeat(64), 'too many levels of nesting'],
  ])('is refused by its path: %s', (_, value, path, found) => {
    expect(jsonProblem(value)).toEqual({ path, found });
    expect(() => toJson(value)).toThrow(expect.objectContaining({ name: 'NotJson', path, found }));
  });

  it('is refused in words', () => {
    expect(() => toJson({ a: NaN })).toThrow('.a cannot be stored as JSON: NaN');
    expect(() => toJson(NaN)).toThrow('the value cannot be stored as JSON: NaN');
    expect(() => toJson(NaN)).toThrow(NotJson);
  });
});

describe('a value that JSON carries', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), (value) => {
        if (jsonProblem(value)) return;
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 300 },
    );
    const plain = { text: '😀\u2028"\\', zero: 'a\0b', list: [null, true, [], {}], n: 1.5e300 };
    expect(JSON.parse(toJson(plain))).toEqual(plain);
  });

  it('H13 loses properties that are undefined and the sign of -0, as documented', () => {
    expect(toJson({ a: undefined, b: -0, c: [-0] })).toBe('{"b":0,"c":[0]}');
  });

  it('may have no prototype', () => {
    expect(toJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  });

  it('may be as deep as the limit, and no deeper', () => {
    const limits = { maxBytes: 1000, maxDepth: 3 };
    expect(toJson([{ a: [1] }], limits)).toBe('[{"a":[1]}]');
    expect(() => toJson([{ a: [{}] }], limits)).toThrow(
      '[0].a[0] cannot be stored as JSON: too many',
    );
  });

  it.each(['a', 'é', '€', '😀'])(
    'may have as many bytes as the limit, and no more: %s',
    (character) => {
      const text = character.repeat(10);
      const bytes = Buffer.byteLength(text) + 2;
      expect(toJson(text, { maxBytes: bytes, maxDepth: 1 })).toBe(`"${text}"`);
      const tooSmall = { maxBytes: bytes - 1, maxDepth: 1 };
      expect(() => toJson(text, tooSmall)).toThrow(`${bytes} bytes, more than ${bytes - 1}`);
    },
  );
});

describe('canonical JSON', () => {
  it('is the same for equal values, however they were built', () => {
    const one = { b: 1, a: { d: [1, { z: 1, y: 2 }], c: null } };
    const two = { a: { c: null, d: [1, { y: 2, z: 1 }] }, x: undefined, b: 1 };
    expect(canonicalJson(one)).toBe('{"a":{"c":null,"d":[1,{"y":2,"z":1}]},"b":1}');
    expect(canonicalJson(two)).toBe(canonicalJson(one));
  });

  it('differs for different values', () => {
    const texts = [1, '1', [1], { a: 1 }, { a: '1' }, null, [], {}, [[]], ''].map(canonicalJson);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('is JSON of the same value, with keys in any order', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const expected = JSON.parse(JSON.stringify(value));
        if (isCanonical(value)) expect(canonicalJson(value)).toBe(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(expected);
        expect(canonicalJson(reversed(expected))).toBe(canonicalJson(value));
      }),
    );
  });
});

/** The same value with the keys of all objects in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, it]) => [key, reversed(it)] as const);
  return Object.fromEntries(entries.toReversed());
}
