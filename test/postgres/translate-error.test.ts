import { describe, expect, it } from 'vitest';
import { SetupError } from '../../src/messages/errors.js';
import { appendFailure, readFailure } from '../../src/postgres/translate-error.js';

describe('a failed append means', () => {
  it.each([
    ['TR001', 'fenced'],
    ['TR002', 'restarted'],
    ['TR003', 'conflict'],
    ['TR004', 'broken'],
    ['55P03', 'locked'], // lock_not_available
    ['40P01', 'locked'], // deadlock_detected
    ['40001', 'locked'], // serialization_failure
    ['57014', 'unavailable'], // query_canceled
    ['57P03', 'unavailable'], // cannot_connect_now
    ['25006', 'unavailable'], // read_only_sql_transaction
    ['42501', 'unavailable'], // insufficient_privilege
    ['26000', 'unavailable'], // the prepared statement is gone
    ['53100', 'unavailable'], // disk_full
    ['53200', 'unavailable'], // out_of_memory
    ['53300', 'unavailable'], // too_many_connections
    ['58030', 'unavailable'], // io_error
    ['XX001', 'unavailable'], // data_corrupted
    ['42P01', 'broken'], // undefined_table
    ['42883', 'broken'], // undefined_function
    ['08006', 'ambiguous'], // connection_failure
    ['08P01', 'ambiguous'], // protocol_violation
    ['57P01', 'ambiguous'], // admin_shutdown
    ['57P02', 'ambiguous'], // crash_shutdown
    ['57P04', 'ambiguous'], // database_dropped
    ['57P05', 'ambiguous'], // idle_session_timeout
    ['25P03', 'ambiguous'], // idle_in_transaction_session_timeout
    ['25P04', 'ambiguous'], // transaction_timeout
    ['22P02', 'invalid'], // invalid_text_representation: not JSON
    ['22021', 'invalid'], // character_not_in_repertoire: a zero byte
    ['22003', 'invalid'], // numeric_value_out_of_range
    ['23514', 'invalid'], // check_violation
    ['54000', 'invalid'], // program_limit_exceeded: an id too long for the index
    ['P0001', 'invalid'], // raise_exception: a trigger of the user
  ])('SQLSTATE %s: %s', (code, kind) => {
    const error = serverError({ code });
    expect(appendFailure(error)).toEqual({ kind, cause: error });
  });

  it('a unique violation: a conflict, whose ever the constraint', () => {
    for (const constraint of ['events_stream', 'outcomes_pkey']) {
      expect(appendFailure(serverError({ code: '23505', constraint })).kind).toBe('conflict');
    }
  });

  it('H18 whatever the text says, in any language and with any id', () => {
    const error = serverError({
      code: '23505',
      constraint: 'events_stream',
      severity: 'FEHLER',
      message: 'doppelter Schlüsselwert verletzt Unique-Constraint »events_pkey«',
      detail: 'Schlüssel »(aggregate, id, version)=(a, q, 7)=(z, 1)« existiert bereits.',
    });
    expect(appendFailure(error).kind).toBe('conflict');
  });

  it('H19 a violation of the primary key: broken, with what to do', () => {
    const error = serverError({ code: '23505', constraint: 'events_pkey' });
    const failure = appendFailure(error);
    expect(failure).toMatchObject({
      kind: 'broken',
      cause: { code: 'SequenceBehind', cause: error },
    });
    expect(failure.cause.message).toContain('setval');
  });

  it.each(['FATAL', 'PANIC'])(
    'an error of severity %s: ambiguous, for the connection ends',
    (severity) => {
      expect(appendFailure(serverError({ code: 'XX000', severity })).kind).toBe('ambiguous');
    },
  );

  it('a closed session: ambiguous also where the severity is in another language', () => {
    expect(appendFailure(serverError({ code: '57P05', severity: 'ВАЖНО' })).kind).toBe('ambiguous');
  });

  it.each([
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
    new Error('Connection terminated unexpectedly'),
    'no error at all',
    undefined,
  ])('%o, which is not from the server: ambiguous', (error) => {
    const failure = appendFailure(error);
    expect(failure.kind).toBe('ambiguous');
    expect(failure.cause).toBeInstanceOf(Error);
  });
});

describe('a failed read is', () => {
  it.each([
    '08006',
    '53300',
    '57014',
    '57P01',
    '57P03',
    '58030',
    '25006',
    '26000',
    '40001',
    '55P03',
  ])('worth another try after SQLSTATE %s', (code) => {
    const cause = serverError({ code });
    expect(readFailure(cause)).toMatchObject({ code: 'StoreUnavailable', cause });
  });

  it.each(['42501', '42P01', '22P02', '28P01'])('itself after SQLSTATE %s', (code) => {
    const error = serverError({ code });
    expect(readFailure(error)).toBe(error);
  });

  it('worth another try when there is no answer from the server', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(readFailure(cause)).toMatchObject({ code: 'StoreUnavailable', cause });
    expect(readFailure('gone')).toMatchObject({ code: 'StoreUnavailable' });
  });

  it('itself where it is an error of Troupe', () => {
    const error = new SetupError('UnfitDatabase', 'unfit');
    expect(readFailure(error)).toBe(error);
  });
});

function serverError(fields: { code: string } & Record<string, string>): Error {
  return Object.assign(new Error(fields.message ?? 'as the server says'), {
    ...{ severity: 'ERROR', constraint: undefined },
    ...fields,
  });
}
