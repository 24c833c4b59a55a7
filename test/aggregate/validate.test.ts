import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssues, validate } from '../../src/aggregate/validate.js';

describe('validating by a Standard Schema', () => {
  it.each([
    ['zod', z.object({ list: z.array(z.object({ n: z.number() })) })],
    ['valibot', v.object({ list: v.array(v.object({ n: v.number() })) })],
  ])('gives the parsed value, or issues with their paths: %s', (_, schema) => {
    const good = { list: [{ n: 1 }] };
    expect(validate(schema, { ...good, excess: 1 })).toEqual({ ok: true, value: good });
    const result = validate(schema, { list: [{ n: 1 }, { n: 'x' }] });
    expect(result).toMatchObject({
      ok: false,
      issues: [{ path: 'list.1.n', pointer: '/list/1/n', message: expect.any(String) }],
    });
  });

  it('gives what the schema made of the value', () => {
    const schema = z.string().transform(Number);
    expect(validate(schema, '7')).toEqual({ ok: true, value: 7 });
  });

  it('refuses schemas that need time', () => {
    const slow = z.string().refine(async () => true);
    expect(() => validate(slow, 'x')).toThrowError('async schemas are not supported');
  });

  it('describes issues in one line', () => {
    expect(
      describeIssues([
        { path: 'amount', pointer: '/amount', message: 'expected a number' },
        { path: '', pointer: '', message: 'too old' },
      ]),
    ).toBe('amount: expected a number; too old');
  });
});
