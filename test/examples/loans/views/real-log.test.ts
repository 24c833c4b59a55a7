import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dailyCounts } from '../../../../examples/loans/views/daily-counts.js';
import { type LoanOutcome, loanOutcomes } from '../../../../examples/loans/views/loan-outcomes.js';
import { workQueue } from '../../../../examples/loans/views/work-queue.js';
import type { FeedEvent } from '../../../../src/dispatcher/subscription.js';
import { changesOf, foldEvents, keyedEvents } from '../../../../src/projection/fold.js';
import { forProjection, runProjection } from '../../../../src/projection/projection-consumer.js';
import type { View } from '../../../../src/projection/view.js';
import { postgresTables } from '../../../projection/support/tables-under-test.js';
import { realLog, realLogIsThere } from '../real-log.js';
import { loanHistories, openWork } from './loan-feed.js';

describe.skipIf(!realLogIsThere)('views of the BPI Challenge 2012 log', () => {
  const outcomes = new Map<string, LoanOutcome>();
  const queue: string[] = [];
  const open: string[] = [];
  const events: FeedEvent[] = [];
  beforeAll(async () => {
    for await (const history of loanHistories(realLog)) {
      for (const [key, document] of folded(loanOutcomes, history.events))
        outcomes.set(key, document as LoanOutcome);
      queue.push(...folded(workQueue, history.events).keys());
      open.push(...openWork(history.id, history.state));
      events.push(...history.events);
    }
  }, 120_000);

  it('hold an outcome of each application, and their amounts', () => {
    expect(outcomes.size).toBe(13_087);
    expect(sum((it) => it.amount)).toBe(177_634_511);
    expect(tally((it) => it.outcome)).toEqual({
      ...{ approved: 2_246, declined: 7_635, cancelled: 2_807, undecided: 399 },
    });
    expect(tally((it) => it.state)).toMatchObject({
      ...{ granted: 2_246, declined: 7_635, cancelled: 2_807 },
    });
  });

  it('count the offers that were sent, and the applications with several', () => {
    expect(sum((it) => it.offersSent)).toBe(7_030);
    expect(sum((it) => Math.max(0, it.offersSent - 1))).toBe(2_015);
  });

  it('know the first and the last activity', () => {
    const times = [...outcomes.values()];
    expect(times.map((it) => it.openedAt as string).sort()[0]).toBe('2011-09-30T22:38:44.546Z');
    expect(
      times
        .map((it) => it.lastActivityAt as string)
        .sort()
        .at(-1),
    ).toBe('2012-03-14T15:04:54.681Z');
    expect(times.every((it) => it.daysOpen >= 0 && it.daysOpen < 166)).toBe(true);
  });

  it('hold the very work that the applications have open', () => {
    expect(queue.sort()).toEqual(open.sort());
    expect(queue.length).toBeGreaterThan(0);
  });

  it('count the events of each day in UTC', async () => {
    const { sql, schema, transaction, stop } = await postgresTables();
    afterAll(stop);
    await transaction(async (tx) => {
      const own = forProjection(dailyCounts, { schema }, tx);
      await dailyCounts.setup(own);
      for (let i = 0; i < events.length; i += 5000)
        await runProjection(dailyCounts, events.slice(i, i + 5000), own);
    });
    const table = forProjection(dailyCounts, { schema }, sql).table('counts');
    const [total] = await sql.query(
      `SELECT sum(number)::int AS events, min(day)::text AS first, max(day)::text AS last,
        sum(number) FILTER (WHERE type = 'offerSent')::int AS sent FROM ${table}`,
    );
    expect(total).toEqual({
      events: 262_200,
      first: '2011-09-30',
      last: '2012-03-14',
      sent: 7_030,
    });
  }, 60_000);

  const sum = (of: (it: LoanOutcome) => number): number =>
    [...outcomes.values()].reduce((total, it) => total + of(it), 0);
  const tally = (of: (it: LoanOutcome) => string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const it of outcomes.values()) counts[of(it)] = (counts[of(it)] ?? 0) + 1;
    return counts;
  };
});

/** The documents of a view after these events. */
function folded(view: View, events: readonly FeedEvent[]): ReadonlyMap<string, unknown> {
  const { saved } = changesOf(view, foldEvents(view, keyedEvents(view, events), new Map()));
  return new Map(saved.map(({ key, document }) => [key, JSON.parse(document) as unknown]));
}
