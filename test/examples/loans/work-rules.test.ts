import { describe, expect, it } from 'vitest';
import type { Work } from '../../../examples/loans/state.js';
import {
  accepted,
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

const lead: readonly Step[] = [...partlySubmitted, 'schedule handleLead'];

describe('the work on a loan application', () => {
  it('is scheduled, started, completed and taken up again', () => {
    const loan = loanAfter([
      ...lead,
      'start handleLead',
      'complete handleLead',
      'start handleLead',
    ]);
    expect(loan.state.work).toEqual({ handleLead: 'started' });
  });

  it('stays in progress when it is scheduled again meanwhile', () => {
    const loan = loanAfter([...sent, 'start followUpOffer', 'schedule followUpOffer']);
    expect(loan.state.work.followUpOffer).toBe('started');
  });

  it('may be started over', () => {
    expect(loanAfter([...lead, 'start handleLead', 'start handleLead']).state.work).toEqual({
      handleLead: 'started',
    });
  });

  it.each<[readonly Step[], Step, Work]>([
    [lead, 'complete handleLead', 'handleLead'],
    [
      [...preaccepted, 'schedule completeApplication'],
      'complete completeApplication',
      'completeApplication',
    ],
    [sent, 'complete followUpOffer', 'followUpOffer'],
    [
      [...sent, 'schedule followUpMissingDocuments'],
      'complete followUpMissingDocuments',
      'followUpMissingDocuments',
    ],
    [sentBack, 'complete validateApplication', 'validateApplication'],
  ])('may be closed once without being started (%#)', (before, step, work) => {
    const loan = loanAfter([...before, step]);
    expect(loan.state.work[work]).toBe('closed');
    expectRefusal(loan, step, 'WORK_CLOSED', { work });
  });

  it.each<[readonly Step[], Step]>([
    [['submit'], 'schedule handleLead'],
    [preaccepted, 'schedule handleLead'],
    [partlySubmitted, 'schedule validateApplication'],
    [accepted, 'schedule assessFraud'],
    [[...lead, 'decline'], 'start handleLead'],
    [[...lead, 'decline'], 'complete handleLead'],
    [[...sent, 'cancel'], 'schedule followUpOffer'],
    [[...sentBack, 'schedule changeContract'], 'start changeContract'],
  ])('follows the application: after %j it refuses to %s', (before, step) => {
    const loan = loanAfter(before);
    expectRefusal(loan, step, 'WRONG_STAGE', { stage: loan.state.stage });
  });

  it('in progress is completed even after the application has ended', () => {
    const loan = loanAfter([...lead, 'start handleLead', 'decline', 'complete handleLead']);
    expect(loan.state).toMatchObject({ stage: 'declined', work: { handleLead: 'completed' } });
  });

  it.each<Step>(['start handleLead', 'complete handleLead'])(
    'must be scheduled first: %s',
    (step) => {
      expectRefusal(loanAfter(partlySubmitted), step, 'WORK_NOT_SCHEDULED', { work: 'handleLead' });
    },
  );

  it.each<[readonly Step[], Step, string]>([
    [lead, 'schedule handleLead', 'scheduled'],
    [[...lead, 'start handleLead'], 'schedule handleLead', 'started'],
    [[...lead, 'complete handleLead'], 'schedule handleLead', 'closed'],
    [sent, 'schedule followUpOffer', 'scheduled'],
  ])('is not scheduled twice: after %j it refuses to %s', (before, step, status) => {
    expectRefusal(loanAfter(before), step, 'ALREADY_SCHEDULED', {
      work: step.split(' ')[1],
      status,
    });
  });

  it.each<[readonly Step[], Step, string]>([
    [sent, 'schedule validateApplication', 'sent'],
    [created, 'schedule followUpOffer', 'created'],
    [created, 'schedule followUpMissingDocuments', 'created'],
    [[...accepted, 'finalize'], 'schedule followUpOffer', 'none'],
  ])('waits for the offer: after %j it refuses to %s', (before, step, status) => {
    expectRefusal(loanAfter(before), step, 'WRONG_OFFER_STATUS', { status });
  });

  it('is one thing at a time', () => {
    const loan = loanAfter([...validating, 'schedule followUpMissingDocuments']);
    const working = { work: 'validateApplication' };
    expectRefusal(loan, 'start followUpMissingDocuments', 'WORK_IN_PROGRESS', working);
    expectRefusal(loan, 'complete followUpMissingDocuments', 'WORK_IN_PROGRESS', working);
  });

  it('does not turn to anything else before a selected offer is sent', () => {
    const loan = loanAfter([...sentBack, 'selectOffer']);
    expectRefusal(loan, 'start validateApplication', 'OFFER_IN_PREPARATION', { offer: 2 });
    expectRefusal(loan, 'complete validateApplication', 'OFFER_IN_PREPARATION', { offer: 2 });
  });

  it.each<[readonly Step[], Step]>([
    [[...partlySubmitted, 'schedule assessFraud'], 'complete assessFraud'],
    [[...sentBack, 'schedule changeContract'], 'complete changeContract'],
  ])('cannot always be closed unstarted (%#)', (before, step) => {
    expectRefusal(loanAfter(before), step, 'WORK_NOT_STARTED', { works: [step.split(' ')[1]] });
  });
});
