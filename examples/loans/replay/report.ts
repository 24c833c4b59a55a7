import { type Outcome, outcomes } from './case-facts.js';
import type { FollowUps } from './follow-ups.js';
import type { SentLog } from './send-log.js';
import type { StoredLog } from './stored-log.js';

/** What a replay reports. All but the sending is computed from what is stored. */
export interface Report {
  /** Loan applications of the file that are stored. */
  readonly cases: number;
  /** Their events. */
  readonly events: number;
  /** Commands that the domain rejected. */
  readonly rejected: number;
  /** Commands whose key an earlier run had used. */
  readonly deduplicated: number;
  /** From the first command sent to the last answer. */
  readonly seconds: number;
  readonly commandsPerSecond: number;
  /** As the view `loan-outcomes` has them. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Sum of the amounts asked for, in whole euros. */
  readonly amountRequested: number;
  /** Events of the longest application. */
  readonly longestCase: number;
  /** What the saga `offer-follow-up` has done about the offers of the file, up to its end. */
  readonly sagas: FollowUps;
}

/** Sums up a replay. Other applications in the same log do not count. */
export function reportOf(sent: SentLog, stored: StoredLog): Report {
  const states = [...stored.states.values()];
  const lengths = [...sent.cases.keys()].map((id) => stored.events.get(id) ?? 0);
  return {
    cases: states.length,
    events: lengths.reduce((sum, length) => sum + length, 0),
    rejected: sent.rejected,
    deduplicated: sent.deduplicated,
    seconds: Math.round(sent.seconds * 1000) / 1000,
    commandsPerSecond: Math.round(sent.commands / Math.max(sent.seconds, 0.001)),
    outcomes: countOutcomes(sent, stored),
    amountRequested: states.reduce((sum, { amount }) => sum + amount, 0),
    longestCase: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    sagas: stored.followUps,
  };
}

function countOutcomes(sent: SentLog, stored: StoredLog): Record<Outcome, number> {
  const found = [...sent.cases.keys()].map((id) => stored.outcomes.get(id)?.outcome);
  const count = (wanted: Outcome) => found.filter((outcome) => outcome === wanted).length;
  const counts = outcomes.map((outcome) => [outcome, count(outcome)] as const);
  return Object.fromEntries(counts) as Record<Outcome, number>;
}

/** Every way in which what is stored is not what was read and accepted, one line each. */
export function* differences(sent: SentLog, stored: StoredLog): Generator<string, void> {
  for (const [id, expected] of sent.cases) {
    const state = stored.states.get(id) ?? { events: 0, amount: 0, outcome: 'undecided' };
    const inLog = stored.events.get(id) ?? 0;
    const viewed = stored.outcomes.get(id);
    const found = {
      ...state,
      'events in the log': inLog,
      'outcome in the view': viewed?.outcome,
      'amount in the view': viewed?.amount,
    };
    const wanted = {
      ...expected,
      'events in the log': expected.events,
      'outcome in the view': expected.events > 0 ? expected.outcome : undefined,
      'amount in the view': expected.events > 0 ? expected.amount : undefined,
    };
    for (const [what, value] of Object.entries(wanted)) {
      const actual = found[what as keyof typeof found];
      if (actual !== value) yield `case ${id}: ${what} read ${value}, stored ${actual}`;
    }
  }
}

/** Loan applications in the log that are not of this file. */
export function otherCases(sent: SentLog, stored: StoredLog): number {
  return [...stored.events.keys()].filter((id) => !sent.cases.has(id)).length;
}
