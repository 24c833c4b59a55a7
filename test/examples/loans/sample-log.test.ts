import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loanEvents } from '../../../examples/loans/events.js';
import { readLoanCases } from '../../../examples/loans/loan-case.js';
import { sampleLog } from '../../../examples/loans/sample/sample-log.js';
import { works } from '../../../examples/loans/state.js';
import { type Tally, tallyOf } from './tally.js';

const path = fileURLToPath(new URL('../../../examples/loans/sample.xes', import.meta.url));

describe('the sample log', () => {
  let tally: Tally;
  beforeAll(async () => {
    tally = await tallyOf(path);
  });

  it('is what its generator writes', async () => {
    expect(await readFile(path, 'utf8')).toBe(sampleLog());
  });

  it('is accepted whole', () => {
    expect(tally.refused).toEqual([]);
    expect(tally).toMatchObject({ cases: 46, events: 864, longest: 38 });
  });

  it('has every event, every kind of work and every outcome', async () => {
    expect(Object.keys(tally.types).sort()).toEqual(Object.keys(loanEvents).sort());
    expect(tally.outcomes).toEqual({ approved: 14, declined: 14, cancelled: 12, none: 6 });
    const scheduled = new Set<string>();
    for await (const { events } of readLoanCases(path)) {
      for (const { activity } of events) if (activity.startsWith('W_')) scheduled.add(activity);
    }
    expect(scheduled.size).toBe(works.length);
  });

  it('has events without a resource, and instants from both sides of a clock change', async () => {
    expect(tally.withoutResource).toBeGreaterThan(0);
    const text = await readFile(path, 'utf8');
    expect(text).toContain('+01:00"');
    expect(text).toContain('+02:00"');
  });

  it('is in time order within each case', async () => {
    for await (const { events } of readLoanCases(path)) {
      const timestamps = events.map(({ timestamp }) => timestamp);
      expect(timestamps).toEqual(timestamps.toSorted());
    }
  });
});
