import { describe, expect, it } from 'vitest';
import { nearest, oneOf } from '../../src/internal/nearest.js';

const names = ['shards', 'timeoutMs', 'maxInFlight', 'maxInFlightBytes'];

describe('the nearest name', () => {
  it.each([
    ['shard', 'shards'],
    ['Shards', 'shards'],
    ['timeout', 'timeoutMs'],
    ['maxInflight', 'maxInFlight'],
    ['maxInFlighBytes', 'maxInFlightBytes'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
  ])('of %j is %s', (given, expected) => {
    expect(nearest(given, names)).toBe(expected);
  });

  it('is asked for in a message', () => {
    expect(oneOf(['a', 'timeoutMs'], 'timeoutMS')).toBe(
      'one of a, timeoutMs (did you mean timeoutMs?)',
    );
    expect(oneOf(['a', 'b'], 'colour')).toBe('one of a, b');
    expect(oneOf([], 'colour')).toBe('none, since there is none');
  });
});
