import { beforeAll, describe, expect, it } from 'vitest';
import { offerStatuses, stages } from '../../../examples/loans/state.js';
import { realLog, realLogIsThere } from './real-log.js';
import { offerKey, refusalIf, type Witness, witnessesOf } from './witnesses.js';

/** The rules allow what the log shows, and no stage and no offer that it never shows. */
describe.skipIf(!realLogIsThere)('the rules of a loan application, held against the log', () => {
  let witnesses: ReadonlyMap<string, Witness>;
  beforeAll(async () => {
    witnesses = await witnessesOf(realLog);
  }, 60_000);

  function witnessesWhere(fits: (key: string) => boolean): [string, Witness][] {
    return [...witnesses].filter(([key]) => fits(key));
  }

  it('let no step be taken at a stage at which the log never shows it', () => {
    // Work in progress may be completed at any stage; `submit` makes the application.
    const bound = witnessesWhere((key) => key !== 'submit' && !key.startsWith('completeWork'));
    expect(bound).toHaveLength(29);
    for (const [key, seen] of bound) {
      const allowed = stages.filter((stage) => refusalIf(seen, { stage }) !== 'WRONG_STAGE');
      expect({ key, allowed }).toEqual({
        key,
        allowed: stages.filter((each) => seen.stages.has(each)),
      });
    }
  });

  it('let no offer step be taken, nor work be scheduled, for an offer that the log never shows then', () => {
    const situations = offerStatuses
      .filter((status) => status !== 'selected')
      .flatMap((offerStatus) => [
        { offerStatus, nextSelected: false },
        { offerStatus, nextSelected: true },
      ]);
    // The one follow-up that was scheduled while its offer was being made allows it for every next offer.
    const bound = witnessesWhere(
      (key) =>
        (key.endsWith('Offer') && key.split(' ')[1] === undefined) ||
        (key.startsWith('scheduleWork') && !key.endsWith('followUpOffer')),
    );
    expect(bound).toHaveLength(13);
    for (const [key, seen] of bound) {
      const allowed = situations.filter(
        (situation) => refusalIf(seen, situation) !== 'WRONG_OFFER_STATUS',
      );
      expect({ key, allowed: new Set(allowed.map(offerKey)) }).toEqual({
        key,
        allowed: seen.offers,
      });
    }
  });

  it('let no work be started that the log never shows started, nor closed', () => {
    expect(witnesses.has('startWork changeContract')).toBe(false);
    expect(witnesses.has('completeWork changeContract')).toBe(false);
  });
});
