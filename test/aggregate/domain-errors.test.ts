import { CommandRejected, defineAggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtInRejection, declaredRejection } from '../../src/aggregate/domain-errors.js';

function source(name: string, code?: string) {
  return defineAggregate({
    ...{ name, initialState: {}, commands: {}, events: {}, decide: {}, evolve: {} },
    ...(code && { prefix: { code, number: 3 } }),
    errors: {
      CLOSED: { number: 4, message: 'It is closed' },
      LATE: {
        ...{ number: 5, status: 410, details: z.object({ by: z.number() }) },
        message: ({ by }: { by: number }) => `Late by ${by}`,
      },
    },
  });
}

describe('domain errors', () => {
  it('make a rejection of code, number, status, message and details', () => {
    expect(declaredRejection(source('a', 'ACC'), 'LATE', { by: 2 })).toEqual({
      ...{ code: 'ACC_LATE', shortCode: 'LATE', number: 3005, status: 410 },
      ...{ message: 'Late by 2', details: { by: 2 } },
    });
    expect(declaredRejection(source('a'), 'CLOSED', {})).toMatchObject({
      code: 'CLOSED',
      number: 4,
      status: 400,
    });
    expect(builtInRejection(source('a', 'ACC'), 'NotFound', '7')).toEqual({
      ...{ code: 'ACC_NOT_FOUND', shortCode: 'NotFound', number: 3000, status: 404 },
      ...{ message: 'a/7 does not exist', details: { aggregate: 'a', id: '7' } },
    });
  });

  it('refuse an undeclared code, and details that do not fit', () => {
    expect(() => declaredRejection(source('a'), 'GONE', {})).toThrowError(
      'a declares no error GONE',
    );
    expect(() => declaredRejection(source('a'), 'LATE', { by: 'x' })).toThrowError('a.LATE: by: ');
    expect(() => declaredRejection(source('a'), 'LATE', { by: Number.NaN })).toThrowError(
      'details.by',
    );
  });

  it('are recognised as those of their aggregate, declared or built in', () => {
    const [a, b] = [source('a', 'ACC'), source('b', 'ACC_X')];
    const plain = source('c');
    const rejections = [
      [a, declaredRejection(a, 'CLOSED', {})],
      [a, builtInRejection(a, 'NotFound', '7')],
      [b, declaredRejection(b, 'CLOSED', {})],
      [b, builtInRejection(b, 'AlreadyExists', '7')],
      [plain, declaredRejection(plain, 'CLOSED', {})],
      [plain, builtInRejection(plain, 'NotFound', '7')],
    ] as const;
    for (const [owner, rejection] of rejections) {
      const error = new CommandRejected(rejection);
      for (const definition of [a, b, plain]) {
        expect(definition.isRejection(error)).toBe(definition === owner);
      }
    }
    expect(a.isRejection(new Error('CLOSED'))).toBe(false);
  });
});
