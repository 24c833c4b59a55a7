import { CommandRefused, SetupError } from 'troupe';
import { describe, expect, it } from 'vitest';
import { describePlace, placeOf } from '../../../../examples/loans/replay/database.js';
import { failureOf } from '../../../../examples/loans/replay/failure.js';
import { readOptions, sampleFile } from '../../../../examples/loans/replay/options.js';
import { ProgressLine } from '../../../../examples/loans/replay/progress-line.js';
import { XesError } from '../../../../examples/loans/xes/xes-error.js';

describe('the command line', () => {
  it('replays the sample unless told otherwise', () => {
    expect(readOptions([])).toEqual({
      file: sampleFile,
      schema: 'troupe',
      shards: undefined,
      inFlight: 1_000,
      json: false,
    });
  });

  it('takes a file and options in any order', () => {
    const args = ['--json', '--shards', '0', 'some.xes.gz', '--in-flight=7', '--schema', 'other'];
    expect(readOptions(args)).toEqual({
      file: 'some.xes.gz',
      schema: 'other',
      shards: 0,
      inFlight: 7,
      json: true,
    });
  });

  it('asks for help', () => {
    expect(readOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--shards', 'two'], '--shards: expected a whole number from 0 to 64, got two'],
    [['--shards', '65'], '--shards: expected a whole number from 0 to 64, got 65'],
    [['--in-flight', '0'], '--in-flight: expected a whole number from 1 to 50000, got 0'],
    [['--in-flight', ''], '--in-flight: expected a whole number from 1 to 50000, got '],
    [['a.xes', 'b.xes'], 'one FILE is expected, got 2'],
  ])('refuses %o', (args, message) => {
    expect(() => readOptions(args)).toThrow(new RangeError(message));
  });

  it('refuses an option that it does not know, with exit code 2', () => {
    try {
      expect(readOptions(['--shard', '1'])).toBe('refused');
    } catch (error) {
      expect(failureOf(error)).toMatchObject({
        text: expect.stringContaining('--shard'),
        exitCode: 2,
      });
    }
  });
});

describe('the place of the log', () => {
  const secret = 'postgres://user:secret@db.example:5433/shop';

  it.each([
    [{ DATABASE_URL: secret }, 'host db.example:5433, database shop, schema s'],
    [
      { DATABASE_URL: 'postgres://user@/shop?host=/run/pg' },
      'host /run/pg, database shop, schema s',
    ],
    [{ DATABASE_URL: 'postgres://db' }, 'host db, database (default), schema s'],
    [{ DATABASE_URL: 'postgres://user@db' }, 'host db, database user, schema s'],
    [{ DATABASE_URL: '' }, 'host 127.0.0.1 (embedded, in .troupe), database postgres, schema s'],
    [{}, 'host 127.0.0.1 (embedded, in .troupe), database postgres, schema s'],
  ])('with %o is %s', (env, described) => {
    expect(describePlace(placeOf(env, 's'))).toBe(described);
  });

  it('does not show a password', () => {
    expect(describePlace(placeOf({ DATABASE_URL: secret }, 's'))).not.toContain('secret');
    expect(() => placeOf({ DATABASE_URL: 'secret' }, 's')).toThrow(/^DATABASE_URL is not a URL/);
  });
});

describe('the progress line', () => {
  function screen(isTTY: boolean) {
    const written: string[] = [];
    return { isTTY, written, write: (text: string) => written.push(text) > 0 };
  }

  it('is written over itself on a terminal, and taken away', () => {
    const terminal = screen(true);
    const line = new ProgressLine(terminal);
    // Drawn ten times a second at most; some time has passed since the process began.
    line.show(262_200);
    line.show(262_201);
    line.clear();
    expect(terminal.written).toHaveLength(2);
    const [drawn = '', cleared = ''] = terminal.written;
    expect(cleared).toBe('\r\u001b[K');
    expect(drawn.startsWith(cleared)).toBe(true);
    expect(drawn.slice(cleared.length)).toMatch(/^262 200 commands, [\d ]+ a second$/);
  });

  it('is not written anywhere else', () => {
    const file = screen(false);
    const line = new ProgressLine(file);
    line.show(1);
    line.clear();
    expect(file.written).toEqual([]);
  });
});

describe('what went wrong', () => {
  it('is told in one line when it is for the user', () => {
    const broken = new XesError('FILE_MISSING', { path: 'x.xes' }, 'there is no such file');
    expect(failureOf(broken)).toEqual({ text: 'x.xes: there is no such file', exitCode: 2 });
    expect(failureOf(new SetupError('InvalidOption', 'no'))).toEqual({ text: 'no', exitCode: 2 });
    const refused = new CommandRefused('KeyReused', 'used before');
    expect(failureOf(refused)).toEqual({ text: 'used before', exitCode: 1 });
  });

  it('comes with its stack when it is a bug', () => {
    expect(failureOf(new TypeError('oops'))).toMatchObject({
      text: expect.stringContaining('\n    at '),
      exitCode: 1,
    });
  });
});
