import { beforeAll, describe, expect, it } from 'vitest';
import { realLog, realLogIsThere } from './real-log.js';
import { type Tally, tallyOf } from './tally.js';

describe.skipIf(!realLogIsThere)('the BPI Challenge 2012 log', () => {
  let tally: Tally;
  beforeAll(async () => {
    tally = await tallyOf(realLog);
  }, 60_000);

  it('is accepted whole, one event for each of its 262 200 lines', () => {
    expect(tally.refused).toEqual([]);
    expect(Object.values(tally.types).reduce((sum, number) => sum + number, 0)).toBe(262_200);
  });

  it('has the cases, events and amounts that were counted from the file itself', () => {
    expect(tally).toMatchObject({
      cases: 13_087,
      events: 262_200,
      longest: 175,
      amount: 177_634_511,
      first: Date.parse('2011-09-30T22:38:44.546Z'),
      last: Date.parse('2012-03-14T15:04:54.681Z'),
      withoutResource: 18_010,
    });
    expect(tally.resources.size).toBe(68);
  });

  it('ends with the counted outcomes', () => {
    expect(tally.outcomes).toEqual({
      approved: 2_246,
      declined: 7_635,
      cancelled: 2_807,
      none: 399,
    });
  });

  it('becomes as many events of each type as it has activities', () => {
    expect(tally.types).toEqual({
      submitted: 13_087,
      partlySubmitted: 13_087,
      preaccepted: 7_367,
      accepted: 5_113,
      finalized: 5_015,
      approved: 2_246,
      registered: 2_246,
      activated: 2_246,
      declined: 7_635,
      cancelled: 2_807,
      offerSelected: 7_030,
      offerCreated: 7_030,
      offerSent: 7_030,
      offerSentBack: 3_454,
      offerCancelled: 3_655,
      offerDeclined: 802,
      offerAccepted: 2_243,
      workScheduled: 26_318,
      workStarted: 71_376,
      workCompleted: 72_413,
    });
  });

  it('leaves a small state in every application', () => {
    expect(tally.largestState).toBeLessThan(400);
  });
});
