import { commandFor } from '../../../examples/loans/command-for.js';
import { type LoanCase, readLoanCases } from '../../../examples/loans/loan-case.js';
import type { LoanState } from '../../../examples/loans/state.js';
import { LoanUnderTest } from './loan-under-test.js';

const nothing = {
  cases: 0,
  events: 0,
  longest: 0,
  amount: 0,
  first: Number.POSITIVE_INFINITY,
  last: 0,
  withoutResource: 0,
  resources: new Set<string>(),
  /** Stored events by type. */
  types: {} as Record<string, number>,
  outcomes: { approved: 0, declined: 0, cancelled: 0, none: 0 },
  largestState: 0,
  refused: [] as string[],
};

/** What is counted while a log runs through the domain's pure functions. */
export type Tally = typeof nothing;

export async function tallyOf(path: string): Promise<Tally> {
  const tally = structuredClone(nothing);
  for await (const loanCase of readLoanCases(path)) {
    countCase(tally, loanCase);
    countState(tally, replay(tally, loanCase));
  }
  return tally;
}

function replay(tally: Tally, loanCase: LoanCase): LoanState {
  const loan = new LoanUnderTest();
  for (const event of loanCase.events) {
    try {
      const [stored, ...others] = loan.handle(commandFor(event, loanCase));
      if (!stored || others.length > 0) throw new Error('not exactly one event');
      tally.types[stored.type] = (tally.types[stored.type] ?? 0) + 1;
    } catch (error) {
      tally.refused.push(`line ${event.line}, ${event.activity}: ${String(error)}`);
    }
  }
  return loan.state;
}

function countCase(tally: Tally, { events }: LoanCase): void {
  tally.cases++;
  tally.events += events.length;
  tally.longest = Math.max(tally.longest, events.length);
  for (const { timestamp, resource } of events) {
    if (timestamp < tally.first) tally.first = timestamp;
    if (timestamp > tally.last) tally.last = timestamp;
    if (resource === undefined) tally.withoutResource++;
    else tally.resources.add(resource);
  }
}

function countState(tally: Tally, state: LoanState): void {
  tally.amount += state.amount;
  tally.outcomes[outcomeOf(state)]++;
  tally.largestState = Math.max(tally.largestState, JSON.stringify(state).length);
}

function outcomeOf({ stage, grants }: LoanState): keyof Tally['outcomes'] {
  if (grants.includes('approved')) return 'approved';
  return stage === 'declined' || stage === 'cancelled' ? stage : 'none';
}
