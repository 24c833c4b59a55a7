import { describe, expect, it } from 'vitest';
import type { SendOptions } from '../../src/client/send-options.js';
import { idFromKey, stamp } from '../../src/client/stamp.js';
import { DEFAULT_JSON_LIMITS } from '../../src/internal/json.js';

const setup = {
  ...{ limits: DEFAULT_JSON_LIMITS, timeoutMs: 30_000, newId: () => 'new-id' },
  ...{ now: () => 1000, domainNow: () => 500 },
};
const call = { aggregate: 'account', id: '7', type: 'open', data: { owner: 'Ada' } };
const stamped = (options: SendOptions = {}, data: unknown = call.data) =>
  stamp({ ...call, data }, options, setup);

describe('stamping a command', () => {
  it('fills in what the caller left out', () => {
    expect(stamped()).toMatchObject({
      ...{ aggregate: 'account', id: '7', type: 'open', data: '{"owner":"Ada"}' },
      ...{ commandId: 'new-id', metadata: '{"correlationId":"new-id"}', key: '' },
      ...{ occurredAt: 500, deadline: 31_000, wantsState: false, handovers: 0 },
    });
    expect(stamped().expectedVersion).toBeUndefined();
  });

  it('numbers the calls', () => {
    expect(stamped().ref).toBeLessThan(stamped().ref);
  });

  it('keeps what the caller gives', () => {
    const metadata = { principal: 'ada', correlationId: 'conversation', custom: { a: [1] } };
    const options = { commandId: 'c', idempotencyKey: 'k', timeoutMs: 5, state: true, metadata };
    expect(stamped({ ...options, expectedVersion: 'none' })).toMatchObject({
      ...{ commandId: 'c', key: 'k', deadline: 1005, wantsState: true, expectedVersion: 'none' },
      metadata: JSON.stringify(metadata),
    });
  });

  it('starts a conversation with the command itself, unless the metadata names one', () => {
    const { metadata } = stamped({ metadata: { tenant: 't' } });
    expect(JSON.parse(metadata)).toEqual({ correlationId: 'new-id', tenant: 't' });
  });

  it.each([
    [new Date(1234), 1234],
    [1234, 1234],
    ['2011-10-01T00:38:44.546+02:00', Date.UTC(2011, 8, 30, 22, 38, 44, 546)],
    [-1, -1],
  ])('takes %s as the time it happened', (occurredAt, ms) => {
    expect(stamped({ occurredAt }).occurredAt).toBe(ms);
  });

  it('serialises the data at once: a later change does not reach the command', () => {
    const data = { owner: 'Ada' };
    const message = stamped({}, data);
    data.owner = 'Eve';
    expect(message.data).toBe('{"owner":"Ada"}');
  });

  it('takes no data as null', () => {
    expect(stamp({ ...call, data: undefined }, {}, setup).data).toBe('null');
  });

  it.each<[string, SendOptions, string]>([
    ['a time that is none', { occurredAt: new Date(Number.NaN) }, 'occurredAt: expected a date'],
    ['a text that is no time', { occurredAt: 'yesterday' }, 'got yesterday'],
    ['a time before 4713 BC', { occurredAt: Date.UTC(-4712, 0, 1) - 1 }, 'from 4713 BC to'],
    ['a time that no date can hold', { occurredAt: 8.64e15 + 1 }, 'to the year 275760'],
    ['half a millisecond', { occurredAt: 0.5 }, 'whole milliseconds'],
    ['an empty command id', { commandId: '' }, 'commandId: expected 1 to 255 bytes'],
    ['a long command id', { commandId: 'é'.repeat(128) }, 'commandId: expected 1 to 255 bytes'],
    [
      'a key with a zero byte',
      { idempotencyKey: 'a\0b' },
      'idempotencyKey: expected 1 to 255 bytes',
    ],
    ['an ill-formed key', { idempotencyKey: '\ud800' }, 'of well-formed text'],
    ['an empty key', { idempotencyKey: '' }, 'idempotencyKey: expected 1 to 255 bytes'],
    ['no time to decide', { timeoutMs: 0 }, 'timeoutMs: expected 1 to'],
    ['no number as timeout', { timeoutMs: Number.NaN }, 'timeoutMs: expected 1 to'],
    [
      'a negative version',
      { expectedVersion: -1 },
      "expectedVersion: expected a version, 'none' or 'exists'",
    ],
    [
      'metadata that is not JSON',
      { metadata: { at: new Date(0) } as never },
      'metadata.at cannot be sent as JSON: an instance of Date',
    ],
  ])('refuses %s', (_, options, problem) => {
    expect(() => stamped(options)).toThrowError(
      expect.objectContaining({
        code: 'InvalidCommand',
        message: expect.stringContaining(problem),
      }),
    );
  });

  it('refuses data that JSON cannot carry, naming the path', () => {
    expect(() => stamped({}, { list: [1, Number.NaN] })).toThrowError(
      expect.objectContaining({
        ...{
          code: 'InvalidCommand',
          message: 'account.open: data.list[1] cannot be sent as JSON: NaN',
        },
        details: expect.objectContaining({ issues: [{ path: 'data.list[1]', message: 'NaN' }] }),
      }),
    );
  });
});

describe('the id of a keyed create', () => {
  it('is a UUID that depends on aggregate and key alone', () => {
    const id = idFromKey('account', 'k');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idFromKey('account', 'k')).toBe(id);
    expect(idFromKey('account', 'l')).not.toBe(id);
    expect(idFromKey('purse', 'k')).not.toBe(id);
  });
});
