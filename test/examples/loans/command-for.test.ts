import { describe, expect, it } from 'vitest';
import { commandFor } from '../../../examples/loans/command-for.js';
import type { LoanCase } from '../../../examples/loans/loan-case.js';
import type { XesEvent } from '../../../examples/loans/xes/xes-trace.js';

const registeredAt = '2024-02-01T09:00:00.000Z';
const loanCase: LoanCase = { path: 'a.xes', id: '17', amount: 9_000, registeredAt, events: [] };

function event(activity: string, lifecycle = 'COMPLETE', more: Partial<XesEvent> = {}): XesEvent {
  return {
    index: 0,
    line: 12,
    activity,
    lifecycle,
    timestamp: Date.parse(registeredAt),
    resource: undefined,
    ...more,
  };
}

describe('the command for an event of the log', () => {
  it('submits the application with what its case says', () => {
    expect(commandFor(event('A_SUBMITTED', 'COMPLETE', { resource: 'anna' }), loanCase)).toEqual({
      type: 'submit',
      data: { amount: 9_000, registeredAt, resource: 'anna' },
    });
  });

  it('takes a step of the application or of its offer', () => {
    expect(commandFor(event('A_PREACCEPTED'), loanCase)).toEqual({ type: 'preaccept', data: {} });
    expect(commandFor(event('O_SENT_BACK'), loanCase)).toEqual({ type: 'returnOffer', data: {} });
  });

  it.each([
    ['SCHEDULE', 'scheduleWork'],
    ['START', 'startWork'],
    ['COMPLETE', 'completeWork'],
  ])('makes of %s a work step: %s', (lifecycle, type) => {
    const started = event('W_Nabellen offertes', lifecycle, { resource: 'bram' });
    expect(commandFor(started, loanCase)).toEqual({
      type,
      data: { work: 'followUpOffer', resource: 'bram' },
    });
  });

  it.each([
    ['A_UNHEARD_OF', 'COMPLETE'],
    ['W_Afhandelen leads', 'SUSPEND'],
    ['A_ACCEPTED', 'START'],
    ['A_SUBMITTED', 'START'],
  ])('says on which line there is none: %s %s', (activity, lifecycle) => {
    const unknown = () => commandFor(event(activity, lifecycle), loanCase);
    expect(unknown).toThrow(expect.objectContaining({ code: 'UNKNOWN_ACTIVITY', line: 12 }));
    expect(unknown).toThrow(`a.xes:12: case 17: unknown activity "${activity}" (${lifecycle})`);
  });
});
