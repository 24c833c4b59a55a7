import { givenView } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { loanOutcomes } from '../../../../examples/loans/views/loan-outcomes.js';
import { workQueue } from '../../../../examples/loans/views/work-queue.js';

const registeredAt = '2011-10-01T00:00:00Z';
const submitted = {
  type: 'submitted',
  id: '1',
  occurredAt: '2011-10-01T00:00:00Z',
  data: { amount: 5000, registeredAt },
} as const;

describe('the outcome of an application', () => {
  it('counts its days until its end, not until what comes after', () => {
    givenView(loanOutcomes, [
      submitted,
      { type: 'finalized', id: '1', data: {}, occurredAt: '2011-10-02T00:00:00Z' },
      { type: 'offerSent', id: '1', data: { offer: 1 }, occurredAt: '2011-10-03T00:00:00Z' },
      { type: 'approved', id: '1', data: {}, occurredAt: '2011-10-04T23:00:00Z' },
      { type: 'activated', id: '1', data: {}, occurredAt: '2011-10-09T00:00:00Z' },
    ]).thenDocument('1', {
      ...{ state: 'granted', outcome: 'approved', amount: 5000, offersSent: 1, daysOpen: 3 },
      ...{ openedAt: '2011-10-01T00:00:00.000Z', endedAt: '2011-10-04T23:00:00.000Z' },
      ...{ lastActivity: 'activated', lastActivityAt: '2011-10-09T00:00:00.000Z' },
    });
  });

  it('counts them until the last activity while it is open', () => {
    givenView(loanOutcomes, [
      submitted,
      { type: 'partlySubmitted', id: '1', data: {}, occurredAt: '2011-10-06T01:00:00Z' },
    ]).thenDocument('1', (it) =>
      expect(it).toMatchObject({ state: 'partlySubmitted', outcome: 'undecided', daysOpen: 5 }),
    );
  });
});

describe('the work queue', () => {
  const work = 'assessFraud';
  const scheduled = { type: 'workScheduled', id: '7', data: { work } } as const;
  const started = { type: 'workStarted', id: '7', data: { work, resource: 'r1' } } as const;
  const completed = { type: 'workCompleted', id: '7', data: { work, resource: 'r1' } } as const;

  it('tells who is at what, also when it is scheduled again meanwhile', () => {
    givenView(workQueue, [scheduled, started, scheduled]).thenDocument('7/assessFraud', (it) =>
      expect(it).toMatchObject({ application: '7', work, status: 'started', resource: 'r1' }),
    );
  });

  it('holds nothing that is done, until it is taken up again', () => {
    givenView(workQueue, [scheduled, started, completed]).thenNoDocument('7/assessFraud');
    givenView(workQueue, [scheduled, completed, started]).thenKeys(['7/assessFraud']);
  });
});
