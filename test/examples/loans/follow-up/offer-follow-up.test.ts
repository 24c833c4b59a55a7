import { givenSaga } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { loanEvents } from '../../../../examples/loans/events.js';
import { offerFollowUp } from '../../../../examples/loans/follow-up/offer-follow-up.js';
import { loanAfter, type Step, sent, sentBack } from '../loan-steps.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const id = '173688';
const at = (day: number) => new Date(Date.UTC(2011, 9, day)).toISOString();
const event = <Type extends string>(type: Type, day: number, data: { offer?: number } = {}) =>
  ({ type, id, data: data as { offer: number }, occurredAt: at(day) }) as const;
const offerSent = event('offerSent', 1, { offer: 1 });

const callOf = (call: number) => ({
  aggregate: 'follow-up-call',
  id: `${id}/1/${call}`,
  command: { type: 'schedule', data: { application: id, offer: 1, call } },
});

describe('the follow-up of an offer', () => {
  it('waits three days, and has the customer called', () => {
    givenSaga(offerFollowUp, [offerSent])
      .thenHas({ state: 'waiting', commands: [], timers: [3 * DAY_MS] })
      .when({ after: 3 * DAY_MS })
      .thenHas({ state: 'waiting', commands: [callOf(1)], timers: [3 * DAY_MS] });
  });

  it('calls three times and then waits on without calling', () => {
    givenSaga(offerFollowUp, [offerSent])
      .when({ after: 3 * DAY_MS })
      .when({ after: 3 * DAY_MS })
      .when({ after: 3 * DAY_MS })
      .thenHas({ commands: [callOf(3)] })
      .when({ after: 3 * DAY_MS })
      .thenHas({ state: 'givenUp', commands: [], timers: [], status: 'active' })
      .when(event('offerSentBack', 40, { offer: 1 }))
      .thenHas({ state: 'done', status: 'done' });
  });

  it.each([
    'offerSentBack',
    'offerCancelled',
    'offerAccepted',
    'offerDeclined',
    'approved',
    'declined',
    'cancelled',
  ] as const)('ends with %s', (type) => {
    givenSaga(offerFollowUp, [offerSent])
      .when(event(type, 2, { offer: 1 }))
      .thenHas({ state: 'done', commands: [], timers: [], status: 'done' });
  });

  it('has no hand in an application that ends without an offer', () => {
    givenSaga(offerFollowUp, [offerSent, event('declined', 2)]).thenHas({ state: 'waiting' });
  });
});

describe('the end of an application', () => {
  it.each([
    ['decline', sent, 1],
    ['cancel', sentBack, 1],
    ['decline', ['submit', 'submitPartly'], undefined],
    ['cancel', [...sent, 'cancelOffer'], undefined],
  ] as const)(
    'by %s after %j names the offer that is out: %s',
    (type, steps: readonly Step[], offer) => {
      const [end] = loanAfter(steps).handle({ type, data: {} });
      expect(end?.data).toEqual(offer === undefined ? {} : { offer });
    },
  );

  it('is read as it was stored before it named an offer', () => {
    for (const type of ['approved', 'declined', 'cancelled'] as const)
      expect(loanEvents[type].parse({ resource: 'x' })).toEqual({ resource: 'x' });
  });
});
