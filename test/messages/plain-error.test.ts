import { describe, expect, it } from 'vitest';
import { TroupeError } from '../../src/messages/errors.js';
import { toPlainError } from '../../src/messages/plain-error.js';

describe('an error as plain data', () => {
  it('H49 keeps name, code, details and cause across a thread', () => {
    const error = new TroupeError('SomeCode', 'outer', { id: '7' }, new TypeError('inner'));
    const plain = structuredClone(toPlainError(error));
    expect(plain).toMatchObject({
      ...{ name: 'SomeCode', message: 'outer', code: 'SomeCode', details: { id: '7' } },
      ...{
        stack: expect.stringContaining('outer'),
        cause: { name: 'TypeError', message: 'inner' },
      },
    });
  });

  it.each([
    ['a string', 'a string'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Object.create(null), 'something that cannot be described'],
    [Symbol('s'), 'Symbol(s)'],
  ])('describes %o, which is no error', (thrown, message) => {
    expect(toPlainError(thrown)).toEqual({ name: 'Thrown', message });
  });

  it('ends, although causes may go round in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(toPlainError(error)).match(/"message"/g)).toHaveLength(6);
  });

  it('leaves out details that cannot be sent, and says what it can of a hostile error', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const details of [circular, { at: new Date() }, { call: () => 1 }, 'text', null]) {
      expect('details' in toPlainError(Object.assign(new Error('e'), { details }))).toBe(false);
    }
    const hostile = Object.defineProperty(new Error('e'), 'code', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(toPlainError(hostile)).toEqual({ name: 'Thrown', message: 'Error: e' });
  });
});
