import { defineView } from 'troupe';
import { loanApplication } from '../loan-application.js';
import type { Stage } from '../state.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What became of one application. */
export interface LoanOutcome {
  readonly state: Stage;
  readonly outcome: 'approved' | 'declined' | 'cancelled' | 'undecided';
  /** In whole euros. */
  readonly amount: number;
  readonly offersSent: number;
  readonly openedAt: string | null;
  readonly endedAt: string | null;
  readonly lastActivity: string;
  readonly lastActivityAt: string | null;
  /** Whole days from the submission to the end, or to the last activity where it has not ended. */
  readonly daysOpen: number;
}

const initial: LoanOutcome = {
  ...{ state: 'submitted', outcome: 'undecided', amount: 0, offersSent: 0 },
  ...{ openedAt: null, endedAt: null, lastActivity: '', lastActivityAt: null, daysOpen: 0 },
};

/** A document per application. */
export const loanOutcomes = defineView({
  name: 'loan-outcomes',
  version: 1,
  on: [loanApplication],
  key: (event) => event.id,
  initial,
  columns: {
    state: 'text',
    outcome: 'text',
    amount: 'bigint',
    offersSent: 'integer',
    lastActivityAt: 'timestamptz',
    daysOpen: 'integer',
  },
  evolve(before, event) {
    const at = event.occurredAt.toISOString();
    const doc = withDays({ ...before, lastActivity: event.type, lastActivityAt: at });
    switch (event.type) {
      case 'submitted':
        return withDays({ ...doc, amount: event.data.amount, openedAt: at });
      case 'partlySubmitted':
      case 'preaccepted':
      case 'accepted':
      case 'finalized':
        return { ...doc, state: event.type };
      case 'declined':
      case 'cancelled':
        return ended({ ...doc, state: event.type, outcome: event.type }, at);
      case 'approved':
        return ended({ ...doc, state: 'granted', outcome: 'approved' }, at);
      case 'registered':
      case 'activated':
        return ended({ ...doc, state: 'granted' }, at);
      case 'offerSent':
        return { ...doc, offersSent: doc.offersSent + 1 };
      default:
        return doc;
    }
  },
});

/** The first of several ends counts. */
function ended(doc: LoanOutcome, at: string): LoanOutcome {
  return withDays({ ...doc, endedAt: doc.endedAt ?? at });
}

function withDays(doc: LoanOutcome): LoanOutcome {
  const until = doc.endedAt ?? doc.lastActivityAt;
  if (!doc.openedAt || !until) return doc;
  return { ...doc, daysOpen: Math.floor((Date.parse(until) - Date.parse(doc.openedAt)) / DAY_MS) };
}
