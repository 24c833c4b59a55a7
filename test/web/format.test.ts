import { describe, expect, it } from 'vitest';
import { bytes } from '../../web/src/format/bytes.js';
import { compact, count, figure, perSecond, share } from '../../web/src/format/numbers.js';
import {
  dateAndTime,
  duration,
  fromNow,
  timeOfDay,
  timeOrDate,
  zoneAt,
} from '../../web/src/format/times.js';
import { counted, spoken, toneOf } from '../../web/src/format/words.js';

describe('numbers', () => {
  it.each([
    [count(undefined), '–'],
    [count(0), '0'],
    [count(1_234_567), '1,234,567'],
    [compact(9_999), '9,999'],
    [compact(12_345), '12.3K'],
    [compact(-4_000_000), '-4M'],
    [perSecond(0), '0'],
    [perSecond(0.44), '0.4'],
    [perSecond(5), '5'],
    [perSecond(45_678), '45.7K'],
    [figure(0.1), '0.1'],
    [figure(Number.POSITIVE_INFINITY), 'Infinity'],
    [share(1, 0), '–'],
    [share(1, 1000), '< 1 %'],
    [share(1, 3), '33 %'],
  ])('are written as %s', (written, expected) => expect(written).toBe(expected));
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [3500, '3.4 KiB'],
  [52_428_800, '50 MiB'],
  [1024 ** 5, '1024 TiB'],
])('%d bytes are %s', (size, expected) => expect(bytes(size)).toBe(expected));

it.each([
  [0, '0 ms'],
  [0.416, '0.42 ms'],
  [8.25, '8.3 ms'],
  [87.4, '87 ms'],
  [1234, '1.2 s'],
  [8000, '8 s'],
  [59_400, '59 s'],
  [184_000, '3 min 4 s'],
  [7_200_000, '2 h'],
  [273_600_000, '3 d 4 h'],
  [-1500, '-1.5 s'],
])('%d milliseconds are %s', (ms, expected) => expect(duration(ms)).toBe(expected));

it('writes times of this time zone', () => {
  const at = new Date(2026, 2, 9, 4, 5, 6, 70).getTime();
  expect(timeOfDay(at)).toBe('04:05:06.070');
  expect(dateAndTime(at)).toMatch(/^2026-03-09 04:05:06 GMT[+-]\d{4}$/);
  expect(dateAndTime(at)).toContain(zoneAt(at));
  expect(new Date(dateAndTime(at)).getTime()).toBe(at - 70);
  expect(timeOrDate(at, at + 60_000)).toBe('04:05:06.070');
  expect(timeOrDate(at, at + 86_400_000)).toBe('2026-03-09 04:05');
});

it.each([
  [500, 'now'],
  [5_000, '5 s ago'],
  [-179_000, 'in 2 min'],
  [3 * 86_400_000, '3 d ago'],
])('%d milliseconds later it is %s', (passed, expected) =>
  expect(fromNow(1_000_000, 1_000_000 + passed)).toBe(expected),
);

it('says words of code as people do', () => {
  expect(spoken('backingOff')).toBe('backing off');
  expect([counted(1, 'event'), counted(2000, 'event')]).toEqual(['1 event', '2,000 events']);
  expect([toneOf('parked'), toneOf('idle'), toneOf('never heard of')]).toEqual([
    ...['bad', 'quiet', 'quiet'],
  ]);
});
