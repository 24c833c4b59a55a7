import { describe, expect, it } from 'vitest';
import {
  accepted,
  commandOf,
  created,
  expectRefusal,
  loanAfter,
  partlySubmitted,
  preaccepted,
  type Step,
  sent,
  sentBack,
  validating,
} from './loan-steps.js';

const fraud: readonly Step[] = [...partlySubmitted, 'schedule assessFraud'];

describe('a loan application', () => {
  it('keeps the amount asked for', () => {
    expect(loanAfter(['submit']).state).toMatchObject({ amount: 5_000, stage: 'submitted' });
  });

  it('takes a negative or broken amount for an invalid command', () => {
    for (const amount of [-1, 10.5]) {
      const submit = commandOf('submit');
      expect(() =>
        loanAfter([]).handle({ ...submit, data: { ...submit.data, amount } } as never),
      ).toThrow(TypeError);
    }
  });

  it('tells in its event who took the step', () => {
    const [event] = loanAfter(['submit']).handle({
      type: 'submitPartly',
      data: { resource: 'r1' },
    });
    expect(event).toEqual({ type: 'partlySubmitted', data: { resource: 'r1' } });
  });

  it('goes the whole way to a granted loan, with its three confirmations in any order', () => {
    const loan = loanAfter([...validating, 'register', 'acceptOffer', 'activate', 'approve']);
    expect(loan.state).toMatchObject({
      stage: 'granted',
      grants: ['registered', 'activated', 'approved'],
      offer: 1,
      offerStatus: 'accepted',
    });
  });

  it.each<[readonly Step[], Step, string]>([
    [['submit'], 'preaccept', 'submitted'],
    [['submit'], 'decline', 'submitted'],
    [partlySubmitted, 'submitPartly', 'partlySubmitted'],
    [partlySubmitted, 'accept', 'partlySubmitted'],
    [preaccepted, 'finalize', 'preaccepted'],
    [accepted, 'approve', 'accepted'],
    [[...partlySubmitted, 'decline'], 'cancel', 'declined'],
    [[...partlySubmitted, 'cancel'], 'preaccept', 'cancelled'],
    [[...validating, 'approve'], 'decline', 'granted'],
  ])('takes no step out of turn: after %j it refuses %s', (before, step, stage) => {
    expectRefusal(loanAfter(before), step, 'WRONG_STAGE', { stage });
  });

  it.each<[Step, string]>([
    ['approve', 'approved'],
    ['register', 'registered'],
    ['activate', 'activated'],
  ])('gives each confirmation once: %s', (step, grant) => {
    expectRefusal(loanAfter([...validating, step]), step, 'ALREADY_GRANTED', { grant });
  });

  it('is accepted only after its completion was scheduled', () => {
    expectRefusal(loanAfter(preaccepted), 'accept', 'WORK_NOT_SCHEDULED', {
      work: 'completeApplication',
    });
  });

  it('is granted only after its validation was scheduled', () => {
    expectRefusal(loanAfter(sent), 'approve', 'WORK_NOT_SCHEDULED', {
      work: 'validateApplication',
    });
  });

  it.each<[readonly Step[], Step, string]>([
    [[...fraud, 'start assessFraud'], 'preaccept', 'assessFraud'],
    [
      [...fraud, 'preaccept', 'schedule completeApplication', 'start assessFraud'],
      'accept',
      'assessFraud',
    ],
    [[...sentBack, 'start followUpOffer'], 'approve', 'followUpOffer'],
  ])(
    'does not move while somebody is at other work: after %j it refuses %s',
    (before, step, work) => {
      expectRefusal(loanAfter(before), step, 'WORK_IN_PROGRESS', { work });
    },
  );

  it.each<[readonly Step[], Step, object]>([
    [created, 'cancel', { offer: 1, status: 'created' }],
    [[...sent, 'selectOffer'], 'decline', { offer: 2, status: 'selected' }],
    [[...accepted, 'selectOffer'], 'cancel', { offer: 1, status: 'selected' }],
    [[...accepted, 'finalize'], 'decline', { offer: 0, status: 'none' }],
    [[...validating, 'acceptOffer'], 'decline', { offer: 1, status: 'accepted' }],
    [[...validating, 'declineOffer'], 'approve', { offer: 1, status: 'declined' }],
    [[...sent, 'cancelOffer'], 'decline', { offer: 1, status: 'cancelled' }],
  ])('ends only as its offer does: after %j it refuses %s', (before, step, offer) => {
    expectRefusal(loanAfter(before), step, 'WRONG_OFFER_STATUS', offer);
  });

  it.each<[readonly Step[], Step, Step]>([
    [sentBack, 'cancel', 'cancelOffer'],
    [validating, 'decline', 'declineOffer'],
    [validating, 'activate', 'acceptOffer'],
  ])('may end before or after its offer (%#)', (before, end, offerEnd) => {
    const first = loanAfter([...before, end, offerEnd]).state;
    expect(loanAfter([...before, offerEnd, end]).state).toEqual(first);
  });
});
