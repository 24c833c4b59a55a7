import { commandFor } from '../../../examples/loans/command-for.js';
import type { LoanCommand } from '../../../examples/loans/loan-application.js';
import { type LoanCase, readLoanCases } from '../../../examples/loans/loan-case.js';
import type { LoanState } from '../../../examples/loans/state.js';
import { LoanUnderTest, Rejected } from './loan-under-test.js';

/** How the offers stand: the last created one, and whether another is selected. */
export type OfferSituation = Pick<LoanState, 'offerStatus' | 'nextSelected'>;

/** What a log shows of one command: a state in which it was accepted, and all the situations in which it was. */
export interface Witness {
  readonly command: LoanCommand;
  readonly state: LoanState;
  readonly stages: Set<LoanState['stage']>;
  readonly offers: Set<string>;
}

/** Witnesses by command, work steps of each kind of work apart. */
export async function witnessesOf(path: string): Promise<ReadonlyMap<string, Witness>> {
  const witnesses = new Map<string, Witness>();
  for await (const loanCase of readLoanCases(path)) witness(witnesses, loanCase);
  return witnesses;
}

function witness(witnesses: Map<string, Witness>, loanCase: LoanCase): void {
  const loan = new LoanUnderTest();
  for (const event of loanCase.events) {
    const command = commandFor(event, loanCase);
    const key = 'work' in command.data ? `${command.type} ${command.data.work}` : command.type;
    let seen = witnesses.get(key);
    if (!seen) {
      const state = structuredClone(loan.state);
      seen = { command, state, stages: new Set(), offers: new Set() };
      witnesses.set(key, seen);
    }
    seen.stages.add(loan.state.stage);
    seen.offers.add(offerKey(loan.state));
    loan.handle(command);
  }
}

export function offerKey({ offerStatus, nextSelected }: OfferSituation): string {
  return nextSelected ? `${offerStatus}, next selected` : offerStatus;
}

/** Why the command would be refused if the state differed so; `undefined` if it would be accepted. */
export function refusalIf(
  { command, state }: Witness,
  change: Partial<LoanState>,
): string | undefined {
  const loan = new LoanUnderTest();
  loan.state = { ...structuredClone(state), ...change };
  try {
    loan.handle(command);
    return undefined;
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw error;
  }
}
