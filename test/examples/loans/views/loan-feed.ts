import { commandFor } from '../../../../examples/loans/command-for.js';
import { readLoanCases } from '../../../../examples/loans/loan-case.js';
import { type LoanState, works } from '../../../../examples/loans/state.js';
import type { FeedEvent } from '../../../../src/dispatcher/subscription.js';
import { LoanUnderTest } from '../loan-under-test.js';

/** One application: its events as a feed gives them, and the state that they evolve to. */
export interface LoanHistory {
  readonly id: string;
  readonly events: readonly FeedEvent[];
  readonly state: LoanState;
}

/** The applications of a log, decided by the pure functions of the domain. */
export async function* loanHistories(path: string): AsyncGenerator<LoanHistory> {
  let position = 0;
  for await (const loanCase of readLoanCases(path)) {
    const loan = new LoanUnderTest();
    const events = loanCase.events.flatMap((line) =>
      loan.handle(commandFor(line, loanCase)).map(({ type, data }): FeedEvent => {
        const at = new Date(line.timestamp);
        const [aggregate, version] = ['loan-application', line.index + 1];
        return {
          ...{ aggregate, id: loanCase.id, version, position: ++position, type, data },
          ...{ metadata: {}, commandId: `c${position}`, occurredAt: at, recordedAt: at },
          eventId: `${aggregate}/${loanCase.id}@${version}`,
        };
      }),
    );
    yield { id: loanCase.id, events, state: loan.state };
  }
}

/** Keys of the work that is to be done on an application, by its own state. */
export function openWork(id: string, state: LoanState): readonly string[] {
  return works
    .filter((work) => state.work[work] === 'scheduled' || state.work[work] === 'started')
    .map((work) => `${id}/${work}`);
}
