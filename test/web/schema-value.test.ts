import { describe, expect, it } from 'vitest';
import type { Schema } from '../../web/src/data/json-schema.js';
import {
  initialOf,
  kindOf,
  numberIn,
  resolved,
  withField,
} from '../../web/src/parts/schema-form/schema-value.js';

const named: Record<string, Schema> = {
  money: { type: 'object', required: ['cents'], properties: { cents: { type: 'integer' } } },
  tree: {
    type: 'object',
    required: ['name', 'child'],
    properties: { name: { type: 'string' }, child: { $ref: '#/components/schemas/tree' } },
  },
};

describe('a form made of a schema', () => {
  it.each([
    [{ type: 'string' }, 'text'],
    [{ type: 'integer' }, 'number'],
    [{ type: 'boolean' }, 'flag'],
    [{ enum: ['a', 'b'] }, 'choice'],
    [{ enum: ['a', 1] }, 'json'],
    [{ const: 'x' }, 'const'],
    [{ type: 'object', properties: {} }, 'object'],
    [{ type: 'object' }, 'json'],
    [{ type: 'array', items: { type: 'string' } }, 'list'],
    [{ type: ['string', 'null'] }, 'json'],
    [{}, 'json'],
  ] as const)('has for %j a field of kind %s', (schema, kind) => expect(kindOf(schema)).toBe(kind));

  it('finds what a schema refers to, and goes on where it refers to nothing', () => {
    expect(resolved({ $ref: '#/components/schemas/money' }, named)).toBe(named.money);
    expect(resolved({ $ref: '#/components/schemas/none' }, named)).toEqual({});
    expect(
      resolved({ $ref: '#/components/schemas/a' }, { a: { $ref: '#/components/schemas/a' } }).$ref,
    ).toBeDefined();
  });

  it('begins with examples and defaults, else with what is required', () => {
    const schema: Schema = {
      type: 'object',
      required: ['to', 'kind', 'express', 'tags', 'price'],
      properties: {
        to: { type: 'string', examples: ['Ada'] },
        kind: { enum: ['letter', 'box'] },
        express: { type: 'boolean', default: true },
        tags: { type: 'array', items: { type: 'string' } },
        price: { $ref: '#/components/schemas/money' },
        note: { type: 'string' },
      },
    };
    expect(initialOf(schema, named)).toEqual({
      ...{ to: 'Ada', kind: 'letter', express: true, tags: [], price: {} },
    });
  });

  it('ends for a schema that contains itself', () => {
    expect(JSON.stringify(initialOf({ $ref: '#/components/schemas/tree' }, named))).toContain(
      'name',
    );
  });

  it('takes numbers as they are typed, and no others', () => {
    expect(['', ' ', '1.5', '-2', '1e3', 'x', 'Infinity'].map(numberIn)).toEqual([
      ...[undefined, undefined, 1.5, -2, 1000, undefined, undefined],
    ]);
  });

  it('sets and leaves out fields', () => {
    expect(withField({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
    expect(withField({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 });
    expect(withField([1], 'a', 1)).toEqual({ a: 1 });
  });
});
