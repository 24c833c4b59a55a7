import { describe, expect, it } from 'vitest';
import type { CaseFacts } from '../../../../examples/loans/replay/case-facts.js';
import { differences, otherCases, reportOf } from '../../../../examples/loans/replay/report.js';
import { reportTable } from '../../../../examples/loans/replay/report-table.js';
import type { SentLog } from '../../../../examples/loans/replay/send-log.js';
import type { StoredLog } from '../../../../examples/loans/replay/stored-log.js';
import { disagreement, remarks } from '../../../../examples/loans/replay/summary.js';

const a: CaseFacts = { events: 3, amount: 500, outcome: 'approved' };
const b: CaseFacts = { events: 5, amount: 700, outcome: 'undecided' };

const sent: SentLog = {
  cases: new Map([
    ['a', a],
    ['b', b],
  ]),
  commands: 9,
  deduplicated: 2,
  rejected: 1,
  rejections: [{ caseId: 'b', index: 4, code: 'LOAN_WRONG_STAGE', message: 'not now' }],
  seconds: 0.12345,
  endsAt: Date.parse('2024-02-01T10:00:00Z'),
};

const followUps = { started: 2, completed: 1, running: 1, followUps: 4, timersFired: 5 };

interface Changes {
  a?: Partial<CaseFacts> | null;
  inLog?: Record<string, number>;
  inView?: Partial<Pick<CaseFacts, 'outcome' | 'amount'>>;
}

function storedWith(changes: Changes) {
  const states = new Map<string, CaseFacts>([['b', b]]);
  if (changes.a !== null) states.set('a', { ...a, ...changes.a });
  const events = new Map(Object.entries({ a: 3, b: 5, ...changes.inLog }));
  const outcomes = new Map([
    ['a', { ...a, ...changes.inView }],
    ['b', b],
  ]);
  return { states, events, outcomes, followUps } satisfies StoredLog;
}

describe('the report', () => {
  it('sums up what is stored', () => {
    expect(reportOf(sent, storedWith({}))).toEqual({
      cases: 2,
      events: 8,
      rejected: 1,
      deduplicated: 2,
      seconds: 0.123,
      commandsPerSecond: 73,
      outcomes: { approved: 1, declined: 0, cancelled: 0, undecided: 1 },
      amountRequested: 1_200,
      longestCase: 5,
      sagas: followUps,
    });
  });

  it('takes the outcomes from the view', () => {
    const stored = storedWith({ inView: { outcome: 'declined' } });
    expect(reportOf(sent, stored).outcomes).toMatchObject({ approved: 0, declined: 1 });
  });

  it('leaves out applications that are not of this file, and says so', () => {
    const stored = storedWith({ inLog: { c: 100 } });
    expect(reportOf(sent, stored)).toMatchObject({ cases: 2, events: 8, longestCase: 5 });
    expect(otherCases(sent, stored)).toBe(1);
    expect(remarks({ sent, stored })).toEqual([
      'rejected: case b, event 4: LOAN_WRONG_STAGE: not now',
      'not counted: 1 loan applications that this file does not have',
    ]);
  });

  it('is a table of aligned columns for people', () => {
    const lines = reportTable(reportOf(sent, storedWith({}))).split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^amount requested, euros +1 200$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}calls to customers +4$/));
  });
});

describe('what is read and what is stored', () => {
  it('agree when every case has its events, its amount and its outcome', () => {
    expect([...differences(sent, storedWith({}))]).toEqual([]);
    expect(disagreement({ sent, stored: storedWith({}) })).toEqual([]);
  });

  it.each([
    [{ a: { events: 2 } }, 'case a: events read 3, stored 2'],
    [{ a: { amount: 501 } }, 'case a: amount read 500, stored 501'],
    [{ a: { outcome: 'declined' as const } }, 'case a: outcome read approved, stored declined'],
    [{ inLog: { a: 4 } }, 'case a: events in the log read 3, stored 4'],
    [{ a: null }, 'case a: events read 3, stored 0'],
    [{ inView: { amount: 0 } }, 'case a: amount in the view read 500, stored 0'],
    [
      { inView: { outcome: 'declined' as const } },
      'case a: outcome in the view read approved, stored declined',
    ],
  ])('differ when %o', (changes, line) => {
    const found = [...differences(sent, storedWith(changes))];
    expect(found).toContain(line);
    expect(disagreement({ sent, stored: storedWith(changes) })).toContain(line);
  });

  it('agree on a case of which every step was rejected', () => {
    const nothing: SentLog = {
      ...sent,
      cases: new Map([['x', { events: 0, amount: 0, outcome: 'undecided' }]]),
    };
    expect([...differences(nothing, storedWith({}))]).toEqual([]);
  });

  it('differ in more lines than are shown', () => {
    const cases = new Map(Array.from({ length: 30 }, (_, i) => [`case-${i}`, a]));
    const lines = disagreement({ sent: { ...sent, cases }, stored: storedWith({}) });
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('what is stored is not what was read, 180 differences:');
  });
});
