import { describe, expect, it } from 'vitest';
import { InFlight } from '../../../../examples/loans/replay/in-flight.js';
import { turns, watch } from '../../../support/settling.js';

describe('places for what is under way', () => {
  it('are given at once while there are any', () => {
    const places = new InFlight(2);
    expect(places.enter()).toBeUndefined();
    expect(places.enter()).toBeUndefined();
    expect(places.enter()).toBeInstanceOf(Promise);
  });

  it('go to the one that waits longest', async () => {
    const places = new InFlight(1);
    void places.enter();
    const [first, second] = [watch(places.enter()!), watch(places.enter()!)];
    await turns();
    expect([first.settled, second.settled]).toEqual([false, false]);
    places.leave();
    await turns();
    expect([first.settled, second.settled]).toEqual([true, false]);
    places.leave();
    await turns();
    expect(second.settled).toBe(true);
  });

  it('can be taken again when all have left', () => {
    const places = new InFlight(1);
    void places.enter();
    places.leave();
    expect(places.enter()).toBeUndefined();
    expect(places.enter()).toBeInstanceOf(Promise);
  });
});
