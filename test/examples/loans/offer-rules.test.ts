import { describe, expect, it } from 'vitest';
import {
  accepted,
  commandOf,
  created,
  expectRefusal,
  loanAfter,
  preaccepted,
  type Step,
  sent,
  sentBack,
  validating,
} from './loan-steps.js';

describe('the offers of a loan application', () => {
  it('are numbered by the application', () => {
    const loan = loanAfter([...sent, 'selectOffer']);
    expect(loan.handle(commandOf('cancelOffer'))).toEqual([
      { type: 'offerCancelled', data: { offer: 1 } },
    ]);
    expect(loan.handle(commandOf('createOffer'))).toEqual([
      { type: 'offerCreated', data: { offer: 2 } },
    ]);
    expect(loan.state).toMatchObject({ offer: 2, offerStatus: 'created', nextSelected: false });
  });

  it('may be selected before the application is finalized, but not created', () => {
    const loan = loanAfter([...accepted, 'selectOffer']);
    expectRefusal(loan, 'createOffer', 'WRONG_STAGE', { stage: 'accepted' });
    expect(loan.state.nextSelected).toBe(true);
  });

  it.each<[readonly Step[], Step, string]>([
    [preaccepted, 'selectOffer', 'preaccepted'],
    [[...sent, 'cancel'], 'selectOffer', 'cancelled'],
    [[...sent, 'cancel'], 'returnOffer', 'cancelled'],
    [[...sent, 'cancel'], 'declineOffer', 'cancelled'],
    [[...validating, 'decline'], 'acceptOffer', 'declined'],
    [[...validating, 'approve'], 'cancelOffer', 'granted'],
  ])('follow the application: after %j it refuses %s', (before, step, stage) => {
    expectRefusal(loanAfter(before), step, 'WRONG_STAGE', { stage });
  });

  it.each<[readonly Step[], Step, object]>([
    [[...accepted, 'selectOffer'], 'selectOffer', { offer: 1, status: 'selected' }],
    [[...accepted, 'finalize'], 'createOffer', { offer: 0, status: 'none' }],
    [created, 'selectOffer', { offer: 1, status: 'created' }],
    [created, 'createOffer', { offer: 1, status: 'created' }],
    [created, 'cancelOffer', { offer: 1, status: 'created' }],
    [sent, 'sendOffer', { offer: 1, status: 'sent' }],
    [sentBack, 'returnOffer', { offer: 1, status: 'sentBack' }],
    [[...sent, 'cancelOffer'], 'cancelOffer', { offer: 1, status: 'cancelled' }],
    [[...sent, 'selectOffer'], 'acceptOffer', { offer: 2, status: 'selected' }],
    [[...validating, 'acceptOffer'], 'selectOffer', { offer: 1, status: 'accepted' }],
    [[...validating, 'declineOffer'], 'selectOffer', { offer: 1, status: 'declined' }],
  ])('take their steps in order: after %j it refuses %s', (before, step, offer) => {
    expectRefusal(loanAfter(before), step, 'WRONG_OFFER_STATUS', offer);
  });

  it('are never two at a time', () => {
    expectRefusal(loanAfter([...sent, 'selectOffer']), 'createOffer', 'WRONG_OFFER_STATUS', {
      offer: 1,
      status: 'sent',
    });
  });

  it('are sent back only while somebody follows them up', () => {
    expectRefusal(loanAfter(sent), 'returnOffer', 'WORK_NOT_STARTED', {
      works: ['followUpOffer', 'followUpMissingDocuments'],
    });
  });

  it('are declined only by somebody at work', () => {
    expectRefusal(loanAfter(sentBack), 'declineOffer', 'WORK_NOT_STARTED');
  });

  it('are accepted only after the validation was scheduled', () => {
    expectRefusal(loanAfter(sent), 'acceptOffer', 'WORK_NOT_SCHEDULED', {
      work: 'validateApplication',
    });
  });
});
