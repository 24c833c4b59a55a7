import type { LoanState } from '../state.js';
import type { LoanStep } from './steps.js';

/** How an application ended. */
export const outcomes = ['approved', 'declined', 'cancelled', 'undecided'] as const;
export type Outcome = (typeof outcomes)[number];

/** What is to be known of one application, from the file as from the store. */
export interface CaseFacts {
  events: number;
  amount: number;
  outcome: Outcome;
}

const endings = new Map<string, Outcome>([
  ['A_APPROVED', 'approved'],
  ['A_DECLINED', 'declined'],
  ['A_CANCELLED', 'cancelled'],
]);

/** The facts of a case of which nothing was stored yet. */
export function noFacts(): CaseFacts {
  return { events: 0, amount: 0, outcome: 'undecided' };
}

/** Adds a line of the file that was accepted. Knows nothing of the domain, for it is there to check it. */
export function addStep(facts: CaseFacts, { activity, command }: LoanStep): void {
  facts.events++;
  facts.outcome = endings.get(activity) ?? facts.outcome;
  if (command.type === 'submit') facts.amount = command.data.amount;
}

/** The facts of an application as it is stored. */
export function factsOf(state: LoanState, version: number): CaseFacts {
  return { events: version, amount: state.amount, outcome: outcomeOf(state) };
}

function outcomeOf({ stage, grants }: LoanState): Outcome {
  if (grants.includes('approved')) return 'approved';
  return stage === 'declined' || stage === 'cancelled' ? stage : 'undecided';
}
