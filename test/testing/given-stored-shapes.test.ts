import { given } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { parcel, weigh } from '../support/parcel.js';
import { rejection } from '../support/settling.js';

const at = new Date(Date.UTC(2024, 1, 29));
const weighed = (grams: bigint) => ({ type: 'weighed', data: { grams, at } }) as const;

describe('given, when, then with events that are stored in another shape', () => {
  it('takes and gives them as readers get them', async () => {
    const outcome = given(parcel, [weighed(1n)])
      .when(weigh(12), { now: at })
      .thenEvents([weighed(12n)]);
    expect((await outcome).events).toEqual([weighed(12n)]);
  });

  it('shows both where they differ', async () => {
    const checked = given(parcel, [])
      .when(weigh(12), { now: at })
      .thenEvents([weighed(13n)]);
    expect(await rejection(Promise.resolve(checked))).toMatchObject({
      actual: [weighed(12n)],
      expected: [weighed(13n)],
    });
  });
});
