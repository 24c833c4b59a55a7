import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkTo, matched, placeOf } from '../../web/src/app/place.js';

describe('a place of the dashboard', () => {
  it('comes back from its address, whatever an id holds', () => {
    const segment = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), segment, (path, value) => {
        const place = placeOf(linkTo(path, { q: value }));
        expect(place.path).toEqual(path);
        expect(place.query.get('q')).toBe(value);
      }),
    );
  });

  it('leaves out what is not chosen', () => {
    expect(linkTo(['actors'], { status: '', sort: undefined, limit: 5 })).toBe('#/actors?limit=5');
  });

  it('takes an address that is not percent-encoded as it is', () => {
    expect(placeOf('#/actors/100%/x').path).toEqual(['actors', '100%', 'x']);
    expect(placeOf('').path).toEqual([]);
  });

  it.each([
    ['/', [], {}],
    ['/', ['actors'], undefined],
    [
      '/actors/:aggregate/:id/:tab?',
      ['actors', 'account', 'a/b'],
      { aggregate: 'account', id: 'a/b' },
    ],
    [
      '/actors/:aggregate/:id/:tab?',
      ['actors', 'x', 'y', 'state'],
      { aggregate: 'x', id: 'y', tab: 'state' },
    ],
    ['/actors/:aggregate/:id/:tab?', ['actors', 'x'], undefined],
    ['/actors/:aggregate/:id/:tab?', ['actors', 'x', 'y', 'z', 'more'], undefined],
    ['/events/correlations/:id', ['events', 'commands', 'c'], undefined],
  ])('%s fits %j: %j', (pattern, path, params) => expect(matched(pattern, path)).toEqual(params));
});
