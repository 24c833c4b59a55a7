import { readdir, truncate } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTraces } from '../../../../examples/loans/xes/read-traces.js';
import { event, log, logFile, trace, tracesOf, useLogFiles } from './log-files.js';

useLogFiles();

const twoTraces = log(trace('a', event('one'), event('two')), trace('b', event('three')));

describe('reading an XES file', () => {
  it('yields the traces with their events in file order', async () => {
    const timestamp = Date.parse('2024-02-01T09:00:00.000Z');
    expect(await tracesOf(await logFile(twoTraces))).toEqual([
      {
        name: 'a',
        line: 2,
        attributes: new Map([['concept:name', { value: 'a', line: 3 }]]),
        events: [
          { index: 0, line: 4, activity: 'one', timestamp },
          { index: 1, line: 5, activity: 'two', timestamp },
        ],
      },
      {
        name: 'b',
        line: 7,
        attributes: new Map([['concept:name', { value: 'b', line: 8 }]]),
        events: [{ index: 0, line: 9, activity: 'three', timestamp }],
      },
    ]);
  });

  it('reads characters of several bytes wherever a chunk of the file ends', async () => {
    const start = log(trace('a', event('x'))).indexOf('x"');
    for (const cut of [0, 1, 2, 3, 4]) {
      const padding = 'p'.repeat(128 * 1024 - start - cut);
      const activity = `${padding}\u20ac\u{1f600}e`;
      const path = await logFile(log(trace('a', event(activity), event('after'.repeat(60_000)))));
      const [first, second] = (await tracesOf(path))[0]!.events;
      expect(first!.activity.slice(-4)).toBe('\u20ac\u{1f600}e');
      expect(second!.activity).toHaveLength(300_000);
    }
  });

  it('knows gzip by its name or by its first bytes', async () => {
    const expected = await tracesOf(await logFile(twoTraces));
    const packed = gzipSync(twoTraces);
    expect(await tracesOf(await logFile(packed, '.xes.gz'))).toEqual(expected);
    expect(await tracesOf(await logFile(packed, '.xes'))).toEqual(expected);
  });

  it('reads lifecycle and resource, where they are given', async () => {
    const more =
      '<string key="lifecycle:transition" value="START"/><string key="org:resource" value="r1"/>';
    const path = await logFile(log(trace('a', event('x', undefined, more), event('y'))));
    const [first, second] = (await tracesOf(path))[0]!.events;
    expect(first).toMatchObject({ lifecycle: 'START', resource: 'r1' });
    expect(second).toMatchObject({ lifecycle: undefined, resource: undefined });
  });

  it('turns a date with an offset into an instant', async () => {
    const dates = [
      '2012-02-29T23:51:16.799+01:00',
      '2011-10-30T02:30:00-05:30',
      '2024-02-01T00:00:00Z',
    ];
    const path = await logFile(log(trace('a', ...dates.map((date) => event('x', date)))));
    const instants = (await tracesOf(path))[0]!.events.map((e) => new Date(e.timestamp));
    expect(instants.map((instant) => instant.toISOString())).toEqual([
      '2012-02-29T22:51:16.799Z',
      '2011-10-30T08:00:00.000Z',
      '2024-02-01T00:00:00.000Z',
    ]);
  });

  it('skips what is nested in attributes, lists and containers', async () => {
    const nested = `
      <string key="other" value="v"><string key="concept:name" value="wrong"/></string>
      <list key="org:resource"><values><string key="org:resource" value="wrong"/></values></list>
      <container key="c"><date key="time:timestamp" value="no date"/></container>`;
    const path = await logFile(
      log(`<trace>${nested}${trace('a', event('x', undefined, nested)).slice(7)}`),
    );
    const [read] = await tracesOf(path);
    expect(read).toMatchObject({ name: 'a', events: [{ activity: 'x' }] });
    expect([...read!.attributes.keys()]).toEqual(['other', 'concept:name']);
    expect(read!.events[0]!.resource).toBeUndefined();
  });

  it('ignores declarations and attributes of the log', async () => {
    const declarations = `
      <extension name="Concept" prefix="concept" uri="http://example.org/"/>
      <global scope="event"><date key="time:timestamp" value="no date"/></global>
      <classifier name="Activity" keys="concept:name"/>
      <string key="concept:name" value="the log"><int key="nested" value="1"/></string>`;
    const path = await logFile(log(declarations, trace('a', event('x'))));
    expect(await tracesOf(path)).toMatchObject([{ name: 'a', events: [{ activity: 'x' }] }]);
  });

  it('reads entities, comments, a byte order mark and other line ends', async () => {
    const text = `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n${log(trace('a', '<!-- <event/> -->', event('x &amp; y')))}`;
    const [read] = await tracesOf(await logFile(text.replaceAll('\n', '\r\n')));
    expect(read!.events).toMatchObject([{ activity: 'x & y', line: 6 }]);
  });

  it('keeps characters whole that fall on the edge of a chunk', async () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `${'€'.repeat(50)}${'x'.repeat(i % 3)}`);
    const path = await logFile(log(...names.map((name) => trace(name, event('x')))));
    expect((await tracesOf(path)).map(({ name }) => name)).toEqual(names);
  });

  it('takes a log without traces and a trace without events', async () => {
    expect(await tracesOf(await logFile('<log/>'))).toEqual([]);
    expect(await tracesOf(await logFile(log(trace('a'))))).toMatchObject([
      { name: 'a', events: [] },
    ]);
  });

  it('reads no further than the traces taken ask for', async () => {
    const path = await logFile(log(...largeTraces(100)));
    const reading = readTraces(path);
    await reading.next();
    // Time for a reader that runs ahead to do so.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    await truncate(path, 1_000_000);

    let taken = 1;
    const rest = (async () => {
      for await (const _ of reading) taken++;
    })();
    await expect(rest).rejects.toMatchObject({ code: 'XML_TRUNCATED' });
    expect(taken).toBeLessThan(20);
  });

  it('closes the file when the reader leaves', async () => {
    const path = await logFile(gzipSync(log(...largeTraces(10))));
    const before = await openFiles();
    for await (const _ of readTraces(path)) break;
    await expect.poll(openFiles).toBe(before);
  });

  it('refuses a trace that is too long to be held in memory', async () => {
    const path = await logFile(log(trace('a', event('x'), event('y'), event('z'))));
    const reading = readTraces(path, { maxTraceEvents: 2 });
    await expect(reading.next()).rejects.toMatchObject({ code: 'TRACE_TOO_LONG', line: 6 });
  });
});

/** Traces of about 100 kB each. */
function largeTraces(count: number): string[] {
  const events = Array.from({ length: 1_000 }, () => event('x'));
  return Array.from({ length: count }, (_, i) => trace(`${i}`, ...events));
}

/** Number of files this process has open (Linux; elsewhere 0). */
async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd').catch(() => [])).length;
}
