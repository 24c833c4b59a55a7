import { describe, expect, it } from 'vitest';
import { delayName } from '../../web/src/format/words.js';
import {
  activePaths,
  pathText,
  statesIn,
  valueText,
} from '../../web/src/pages/sagas/machine-value.js';

const both = { checking: { credit: 'scored', papers: { open: 'waiting' } } };

describe('the value of a machine', () => {
  it.each([
    [null, []],
    ['done', ['done']],
    [
      both,
      [
        ...['checking', 'checking.credit', 'checking.credit.scored', 'checking.papers'],
        ...['checking.papers.open', 'checking.papers.open.waiting'],
      ],
    ],
  ] as const)('%j is in its states and those around them', (value, paths) => {
    expect([...activePaths(value)]).toEqual(paths);
  });

  it.each([
    [null, '–'],
    ['done', 'done'],
    [both, 'checking (credit scored, papers (open waiting))'],
  ] as const)('%j is said in few words', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});

describe('what a machine calls its own', () => {
  it('is said as people read it', () => {
    expect(pathText('a.b')).toBe('a › b');
    expect(pathText('')).toBe('anywhere');
    expect(delayName('xstate.after.patience.intake.waiting')).toBe('after patience');
    expect(delayName('xstate.after.500.m.x')).toBe('after 500 ms');
    expect(delayName('archive')).toBe('archive');
  });

  it('is found, however deep it lies', () => {
    const state = (path: string, states: readonly object[] = []) => ({
      ...{ path, name: path, kind: 'atomic', entry: [], exit: [], services: [], transitions: [] },
      states,
    });
    const root = state('', [state('a', [state('a.b')]), state('c')]) as never;
    expect(statesIn(root).map(({ path }) => path)).toEqual(['', 'a', 'a.b', 'c']);
  });
});
