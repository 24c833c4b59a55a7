import { describe, expect, it } from 'vitest';
import {
  CommandRefused,
  CommandRejected,
  isRefusal,
  isTroupeError,
  OutcomeUnknown,
  TroupeError,
} from '../../src/messages/errors.js';

describe('errors of Troupe', () => {
  it('are recognised by their code', () => {
    const error = new TroupeError('SomeCode', 'what happened', { id: '7' }, new Error('why'));
    expect(error).toMatchObject({ name: 'SomeCode', code: 'SomeCode', details: { id: '7' } });
    expect(error.cause).toMatchObject({ message: 'why' });
    expect(isTroupeError(error)).toBe(true);
    expect(isTroupeError(error, 'SomeCode')).toBe(true);
    expect(isTroupeError(error, 'OtherCode')).toBe(false);
    expect(isTroupeError(new Error('SomeCode'))).toBe(false);
  });

  it('have a cause only if there is one', () => {
    expect('cause' in new TroupeError('SomeCode', 'what happened')).toBe(false);
  });

  it('tell refusals from rejections', () => {
    const rejection = { code: 'ACCOUNT_CLOSED', shortCode: 'CLOSED', number: 1001, status: 409 };
    const rejected = new CommandRejected({ ...rejection, message: 'closed', details: { id: '7' } });
    expect(rejected).toMatchObject({ ...rejection, outcome: 'rejected', details: { id: '7' } });
    const refused = new CommandRefused('Overloaded', 'full');
    expect(refused.outcome).toBe('refused');
    expect(isRefusal(refused)).toBe(true);
    expect(isRefusal(refused, 'Overloaded')).toBe(true);
    expect(isRefusal(refused, 'Stopping')).toBe(false);
    expect(isRefusal(rejected)).toBe(false);
  });

  it('carry what finds out an unknown outcome', () => {
    const command = {
      commandId: 'c',
      aggregate: 'account',
      id: '7',
      key: 'k',
      writerId: 1,
      afterPosition: 5,
    };
    const unknown = new OutcomeUnknown({ ...command, incarnation: 'i' }, 'the connection was lost');
    expect(unknown).toMatchObject({ code: 'OutcomeUnknown', outcome: 'unknown', command });
    expect(unknown.message).toContain('account/7 (command c)');
    expect(unknown.message).toContain('the connection was lost');
  });
});
