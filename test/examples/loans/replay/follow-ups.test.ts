import { describe, expect, it } from 'vitest';
import { FollowUpTally } from '../../../../examples/loans/replay/follow-ups.js';

const step = (id: string, kind: 'event' | 'timer' | 'outcome', status: string) => ({
  ...{ aggregate: '$saga/offer-follow-up', id, data: { input: { kind }, status } },
});
const call = (application: string) => ({
  ...{ aggregate: 'follow-up-call', id: `${application}/1/1`, data: { application } },
});

describe('what was done about offers', () => {
  it('is counted by instance, step and call', () => {
    const tally = new FollowUpTally(['a', 'b/c']);
    for (const event of [
      step('a/1', 'event', 'active'),
      step('a/1', 'timer', 'active'),
      call('a'),
      step('a/1', 'outcome', 'active'),
      step('a/1', 'timer', 'active'),
      step('a/1', 'event', 'done'),
      step('b/c/1', 'event', 'active'),
      { aggregate: 'loan-application', id: 'a', data: {} },
    ])
      tally.add(event);
    expect(tally.result()).toEqual({
      ...{ started: 2, completed: 1, running: 1, followUps: 1, timersFired: 2 },
    });
  });

  it('leaves out what is not of the file', () => {
    const tally = new FollowUpTally(['a']);
    for (const event of [step('c/1', 'event', 'active'), call('c'), step('aa/1', 'timer', 'done')])
      tally.add(event);
    expect(tally.result()).toEqual({
      ...{ started: 0, completed: 0, running: 0, followUps: 0, timersFired: 0 },
    });
  });
});
