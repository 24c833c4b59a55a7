import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTraces } from '../../../../examples/loans/xes/read-traces.js';
import type { XesErrorCode } from '../../../../examples/loans/xes/xes-error.js';
import { event, expectXesError, log, logFile, trace, useLogFiles } from './log-files.js';

useLogFiles();

const named = '<string key="concept:name" value="x"/>';
const dated = '<date key="time:timestamp" value="2024-02-01T10:00:00Z"/>';

/** Texts that are no usable log, what is said of each, and on which line. */
const broken: readonly [what: string, text: string, code: XesErrorCode, line: number][] = [
  ['an empty file', '', 'FILE_EMPTY', 1],
  ['a file of white space', '\n\n  \n', 'FILE_EMPTY', 4],
  ['a comment and nothing else', '<!-- soon -->', 'FILE_EMPTY', 1],
  ['plain text', 'case;activity;time', 'NOT_XML', 1],
  ['JSON', '{"log": []}', 'NOT_XML', 1],
  ['another root', '<?xml version="1.0"?>\n<html><body/></html>', 'WRONG_ROOT', 2],
  ['a trace as root', trace('a', event('x')), 'WRONG_ROOT', 1],
  ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?>\n<log/>', 'NOT_UTF8', 1],
  ['a wrong end tag', '<log>\n<list key="l">\n</log>', 'XML_MALFORMED', 3],
  ['an attribute without quotes', '<log>\n<string key=a/>\n</log>', 'XML_MALFORMED', 2],
  ['an unknown entity', '<log>\n<string key="a" value="&nbsp;"/></log>', 'XML_MALFORMED', 2],
  ['text after the end', `${log()}more`, 'XML_MALFORMED', 4],
  ['a second root', `${log()}<log/>`, 'XML_MALFORMED', 4],
  ['a file cut between tags', log(trace('a', event('x'))).slice(0, -8), 'XML_TRUNCATED', 5],
  ['a file cut within a tag', '<log>\n<trace>\n<str', 'XML_TRUNCATED', 3],
  ['an event outside a trace', log(trace('a'), event('x')), 'EVENT_OUTSIDE_TRACE', 6],
  [
    'an event in an event',
    log(trace('a', `<event>${event('x')}</event>`)),
    'EVENT_OUTSIDE_TRACE',
    4,
  ],
  [
    'an event in an attribute',
    log(`<list key="l">\n${event('x')}</list>`),
    'EVENT_OUTSIDE_TRACE',
    3,
  ],
  ['a trace in a trace', log(trace('a', trace('b'))), 'MISPLACED_ELEMENT', 4],
  ['a log in a log', log('<log/>'), 'MISPLACED_ELEMENT', 2],
  ['a trace without a name', log('<trace>', event('x'), '</trace>'), 'MISSING_ATTRIBUTE', 2],
  ['an event without a name', log(trace('a', `<event>${dated}</event>`)), 'MISSING_ATTRIBUTE', 4],
  ['an event without a time', log(trace('a', `<event>${named}</event>`)), 'MISSING_ATTRIBUTE', 4],
  ['an attribute without a value', log(trace('a', '<string key="k"/>')), 'MISSING_ATTRIBUTE', 4],
  ['a name given twice', log(trace('a', event('x', undefined, named))), 'REPEATED_ATTRIBUTE', 4],
  ['a case name given twice', log(trace('a', named)), 'REPEATED_ATTRIBUTE', 4],
];

describe('reading a broken file', () => {
  it.each(broken)('says what is wrong with %s', async (_what, text, code, line) => {
    const path = await logFile(text);
    const message = await expectXesError(path, code, line);
    expect(message).toMatch(`${path}:${line}: `);
    expect(message).not.toMatch(/: \d+:\d+:/);
  });

  it.each([
    'yesterday',
    '2024-02-01',
    '2024-02-01T10:00:00',
    '2024-02-30T10:00:00Z',
    '2023-02-29T10:00:00Z',
    '2024-13-01T10:00:00Z',
    '2024-02-01T25:00:00Z',
    '2024-02-01T10:00:00+15:00',
    '',
  ])('takes no date for another: %j', async (date) => {
    const path = await logFile(
      log(trace('a', event('x', '2024-02-29T10:00:00Z'), event('x', date))),
    );
    expect(await expectXesError(path, 'BAD_DATE', 5)).toContain(`"${date}"`);
  });

  it('says what is wrong with a packed file', async () => {
    const text = log(...Array.from({ length: 2_000 }, (_, i) => trace(`${i}`, event('x'))));
    const packed = gzipSync(text);
    const wrongSum = Uint8Array.from(packed, (byte, i) =>
      i === packed.length - 8 ? byte ^ 1 : byte,
    );

    const inTheMiddle = expect.any(Number) as number;
    await expectXesError(
      await logFile(packed.subarray(0, -500), '.gz'),
      'GZIP_TRUNCATED',
      inTheMiddle,
    );
    await expectXesError(await logFile(packed.subarray(0, 5), '.gz'), 'GZIP_TRUNCATED', 1);
    await expectXesError(await logFile(wrongSum, '.gz'), 'GZIP_CORRUPT', inTheMiddle);
    await expectXesError(await logFile(text, '.xes.gz'), 'GZIP_CORRUPT', 1);
    await expectXesError(await logFile(gzipSync(''), '.xes.gz'), 'FILE_EMPTY', 1);
    await expectXesError(await logFile('', '.xes.gz'), 'GZIP_TRUNCATED', 1);
  });

  it('says that the text is not UTF-8', async () => {
    const latin1 = Buffer.from(log(trace('caf\u00e9', event('x'))), 'latin1');
    await expectXesError(await logFile(latin1), 'NOT_UTF8', 1);
    await expectXesError(await logFile(Buffer.from(log(), 'utf16le')), 'NOT_XML', 1);
  });

  it('says that there is no file, or that it is a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-xes-'));
    try {
      await expectXesError(join(folder, 'none.xes'), 'FILE_MISSING');
      await expectXesError(folder, 'FILE_UNREADABLE');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('yields the traces before the broken place', async () => {
    const path = await logFile(log(trace('a', event('x')), trace('b', event('x')), '<broken'));
    const names: string[] = [];
    const reading = (async () => {
      for await (const { name } of readTraces(path)) names.push(name);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'XML_MALFORMED', line: 11 });
    expect(names).toEqual(['a', 'b']);
  });
});
