import { create, defineAggregate, SetupError, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const valid = {
  name: 'account',
  commands: { open: create(z.object({})), pay: z.object({}), top: upsert(z.object({})) },
  events: { opened: z.object({}) },
  initialState: {},
  decide: { open: () => [], pay: { durable: async () => [] }, top: () => [] },
  evolve: { opened() {} },
};

/** As somebody without types would call it. */
const define = (given: object) => () => defineAggregate({ ...valid, ...given } as never);

describe('defineAggregate', () => {
  it('fills in the defaults', () => {
    expect(defineAggregate(valid)).toMatchObject({
      ...{ name: 'account', prefix: undefined, errors: {}, stateVersion: 1 },
      snapshot: { every: 100, atPassivation: 20 },
      commands: { open: { kind: 'create' }, pay: { kind: 'existing' }, top: { kind: 'upsert' } },
    });
  });

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, 'an aggregate: name: expected 1 to 100 bytes'],
    ['an empty name', { name: '' }, 'an aggregate: name: expected'],
    [
      'a reserved name',
      { name: '$saga' },
      'without control characters or a leading $, got "$saga"',
    ],
    ['a name with a control character', { name: 'a\0b' }, 'an aggregate: name: expected'],
    ['a name of too many bytes', { name: 'é'.repeat(51) }, 'an aggregate: name: expected'],
    [
      'a command without schema',
      { commands: { ...valid.commands, pay: {} } },
      'aggregate account: commands.pay: expected a Standard Schema',
    ],
    [
      'a reserved command',
      { commands: { $state: z.object({}) } },
      'commands.$state: expected a name without a leading $',
    ],
    [
      'an event without schema',
      { events: { opened: 'yes' } },
      'events.opened: expected a Standard Schema or event({ schema, ... }), got string',
    ],
    ...['NotFound', 'AlreadyExists', 'NOT_FOUND', 'ALREADY_EXISTS'].map(
      (code): [string, object, string] => [
        `an error that is built in: ${code}`,
        { errors: { [code]: { number: 1, message: '' } } },
        `errors.${code}: expected a name that no built-in rejection has, got ${code}`,
      ],
    ),
    [
      'a missing decider',
      { decide: { open: () => [] } },
      'decide.pay: expected a case for each of commands, got none',
    ],
    [
      'a decider that is inherited',
      { decide: Object.create(valid.decide) },
      'decide.open: expected a case for each of commands, got none',
    ],
    [
      'a decider for nothing',
      { decide: { ...valid.decide, close: () => [] } },
      'decide.close: expected a name declared in commands',
    ],
    [
      'a decider that is no function',
      { decide: { ...valid.decide, pay: 'later' } },
      'decide.pay: expected a function or { durable: function }, got string',
    ],
    ['no evolvers', { evolve: undefined }, 'evolve: expected an object, got undefined'],
    [
      'a missing evolver',
      { evolve: {} },
      'evolve.opened: expected a case for each of events, got none',
    ],
    [
      'an evolver for nothing',
      { evolve: { opened() {}, closed() {} } },
      'evolve.closed: expected a name declared in events',
    ],
    [
      'an initial state that is not JSON',
      { initialState: { at: new Date(0) } },
      'initialState.at: expected plain JSON, got an instance of Date',
    ],
    [
      'an initial state that is a function',
      { initialState: () => ({}) },
      'initialState: expected plain JSON, got function',
    ],
    [
      'a state version that is none',
      { stateVersion: 0 },
      'stateVersion: expected a whole number from 1, got 0',
    ],
    [
      'an error without number',
      { errors: { BAD: { message: 'x' } } },
      'errors.BAD.number: expected a whole number from 1 to 999',
    ],
    [
      'an error number out of range',
      { errors: { BAD: { number: 1000, message: 'x' } } },
      'got 1000',
    ],
    [
      'two errors of one number',
      { errors: { A: { number: 1, message: 'x' }, B: { number: 1, message: 'x' } } },
      'errors.B.number: expected a number of its own (A has it too)',
    ],
  ])('refuses %s, naming field, expectation and value', (_, given, message) => {
    expect(define(given)).toThrowError(SetupError);
    expect(define(given)).toThrowError(
      expect.objectContaining({
        code: 'InvalidDefinition',
        message: expect.stringContaining(message),
      }),
    );
  });
});
