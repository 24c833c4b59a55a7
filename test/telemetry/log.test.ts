import { describe, expect, it } from 'vitest';
import { toPlainError } from '../../src/messages/plain-error.js';
import { LOG_LEVELS, logNotice, SILENT, wantedLevel, writeLog } from '../../src/telemetry/log.js';

function recorder(settings: object = {}) {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push([level, fields, message]);
  const logger = { info: at('info'), warn: at('warn'), error: at('error'), ...settings };
  return { logger, lines, at };
}

describe('a logger', () => {
  it('gets the levels that it has methods for, unless it says which', () => {
    const { logger, at } = recorder();
    expect(wantedLevel(undefined)).toBe(SILENT);
    expect(wantedLevel(logger)).toBe(LOG_LEVELS.indexOf('info'));
    expect(wantedLevel({ ...logger, debug: at('debug') })).toBe(LOG_LEVELS.indexOf('debug'));
    const errorsOnly = { ...logger, isLevelEnabled: (level: string) => level === 'error' };
    expect(wantedLevel(errorsOnly)).toBe(LOG_LEVELS.indexOf('error'));
    expect(wantedLevel({ ...logger, isLevelEnabled: () => false })).toBe(SILENT);
  });

  it.each([
    ['degraded', 'warn'],
    ['recovered', 'info'],
    ['warning', 'warn'],
    ['error', 'error'],
  ] as const)('gets %s as %s', (kind, level) => {
    const { logger, lines } = recorder();
    logNotice(logger, { kind, message: 'what', cause: undefined, shard: 2 });
    expect(lines).toEqual([[level, { shard: 2, event: kind }, 'what']]);
  });

  it('gets errors as plain data with the ids among their details, and nothing else of them', () => {
    const { logger, lines } = recorder();
    const details = { aggregate: 'account', id: 'a', version: 3, balance: 'secret' };
    const error = Object.assign(new RangeError('too low'), { code: 'E1', details });
    logNotice(logger, { kind: 'error', message: 'what', cause: toPlainError(error) });
    const [[, fields]] = lines as [[string, object, string]];
    expect(fields).toMatchObject({
      ...{ aggregate: 'account', id: 'a', version: 3 },
      err: { type: 'RangeError', message: 'too low', code: 'E1' },
    });
    expect(JSON.stringify(fields)).not.toContain('secret');
  });

  it('that throws ends nothing', () => {
    const throwing = () => {
      throw new Error('the disk is full');
    };
    const { logger } = recorder({ warn: throwing });
    writeLog(logger, { level: 'warn', fields: {}, message: 'what' });
  });
});
