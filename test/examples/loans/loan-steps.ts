import { expect } from 'vitest';
import type { LoanCommand } from '../../../examples/loans/loan-application.js';
import type { Work } from '../../../examples/loans/state.js';
import { LoanUnderTest } from './loan-under-test.js';

type WorkCommand = Extract<LoanCommand, { data: { work: Work } }>;
type WorkVerb = 'schedule' | 'start' | 'complete';

/** A command written short: `accept`, or `start handleLead`. */
export type Step = Exclude<LoanCommand['type'], WorkCommand['type']> | `${WorkVerb} ${Work}`;

/** The usual way of an application, each list going on where the one before ends. */
export const partlySubmitted: readonly Step[] = ['submit', 'submitPartly'];
export const preaccepted: readonly Step[] = [...partlySubmitted, 'preaccept'];
export const accepted: readonly Step[] = [
  ...preaccepted,
  'schedule completeApplication',
  'start completeApplication',
  'accept',
];
export const created: readonly Step[] = [...accepted, 'selectOffer', 'finalize', 'createOffer'];
export const sent: readonly Step[] = [
  ...created,
  'sendOffer',
  'schedule followUpOffer',
  'complete completeApplication',
];
export const sentBack: readonly Step[] = [
  ...sent,
  'start followUpOffer',
  'returnOffer',
  'schedule validateApplication',
  'complete followUpOffer',
];
export const validating: readonly Step[] = [...sentBack, 'start validateApplication'];

/** A loan application that has taken these steps. */
export function loanAfter(steps: readonly Step[]): LoanUnderTest {
  const loan = new LoanUnderTest();
  for (const step of steps) loan.handle(commandOf(step));
  return loan;
}

/** Expects that the step is refused for this reason and changes nothing. */
export function expectRefusal(loan: LoanUnderTest, step: Step, code: string, details: object = {}) {
  const before = structuredClone(loan.state);
  expect(() => loan.handle(commandOf(step))).toThrow(
    expect.objectContaining({ code, details: expect.objectContaining(details) }),
  );
  expect(loan.state).toEqual(before);
}

export function commandOf(step: Step): LoanCommand {
  if (step === 'submit') {
    return { type: step, data: { amount: 5_000, registeredAt: '2024-02-01T09:00:00.000Z' } };
  }
  const [verb, work] = step.split(' ') as [WorkVerb, Work | undefined];
  // What is not a work step is a command without data of its own.
  return (work ? { type: `${verb}Work`, data: { work } } : { type: step, data: {} }) as LoanCommand;
}
