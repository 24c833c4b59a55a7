import { describe, expect, it } from 'vitest';
import {
  CELL,
  createFigures,
  Figures,
  mergeFigures,
  readFigures,
} from '../../src/telemetry/figures.js';
import { METRICS, OUTCOMES } from '../../src/telemetry/metrics.js';

const names = Object.keys(METRICS) as (keyof typeof METRICS)[];

describe('the figures of shards', () => {
  it('are kept apart: what is written to one metric is read from no other', () => {
    const untouched = readFigures(createFigures());
    for (const name of names) {
      const memory = createFigures();
      const figures = new Figures(memory);
      if (METRICS[name].kind === 'histogram') figures.record(CELL[name], 7);
      else figures.set(CELL[name], 7);
      const changed = readFigures(memory);
      expect(names.filter((n) => !same(changed[n], untouched[n]))).toEqual([name]);
    }
  });

  it('are summed over all shards, of a maximum the highest', () => {
    const memories = [3, 4].map((amount) => {
      const memory = createFigures();
      const figures = new Figures(memory);
      figures.add(CELL.commands + OUTCOMES.indexOf('state'), amount);
      figures.set(CELL.actors, amount);
      figures.set(CELL.mailboxCommandsMax, amount);
      for (let i = 0; i < amount; i++) figures.recordMs(CELL.appendDuration, 2);
      return memory;
    });
    const total = mergeFigures(memories);
    expect(total).toMatchObject({ actors: 7, mailboxCommandsMax: 4 });
    expect(total.commands).toEqual({
      ...{ accepted: 0, rejected: 0, refused: 0, failed: 0, unknown: 0, state: 7 },
    });
    expect(total.appendDuration.count).toBe(7);
    expect(total.appendDuration.sum).toBeCloseTo(0.014);
  });

  it('have names as OpenMetrics wants them', () => {
    for (const name of names) {
      const { name: shown, kind } = METRICS[name];
      expect(shown).toMatch(/^troupe_[a-z_]+$/);
      expect(shown.endsWith('_total')).toBe(kind === 'counter');
      if ('scale' in METRICS[name] && METRICS[name].scale !== 1) expect(shown).toMatch(/_seconds$/);
    }
    expect(new Set(names.map((name) => METRICS[name].name)).size).toBe(names.length);
  });
});

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
