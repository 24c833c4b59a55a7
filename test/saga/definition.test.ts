import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { liftFor } from '../../src/dispatcher/lift.js';
import { filterOf, only } from '../../src/dispatcher/listening.js';
import { defineSaga } from '../../src/saga/define-saga.js';
import { routeEvent } from '../../src/saga/route-event.js';
import { isSaga } from '../../src/saga/saga.js';
import { runService, service } from '../../src/saga/service.js';
import { sagaOf, thing } from './support/thing.js';

const machine = createMachine({ id: 'm' });
const none = () => undefined;

describe('a saga', () => {
  it.each<[string, object, RegExp]>([
    ['name', { name: 'Not_a_name' }, /a saga: name: expected small letters/],
    ['version', { version: 0 }, /saga test: version: expected a whole number from 1, got 0/],
    ['machine', { machine: {} }, /machine: expected a machine made by xstate.* got object/],
    ['on', { on: [] }, /on: expected|starts/],
    ['correlate', { correlate: 'id' }, /correlate: expected a function, got string/],
    ['toMachine', { toMachine: 'id' }, /toMachine: expected a function, got string/],
    ['time', { time: 'clock' }, /time: expected 'wall' or 'event', got clock/],
    ['starts', { starts: {} }, /starts: expected the events that start an instance, got none/],
    [
      'starts with an unknown event',
      { starts: { 'thing.mad': none } },
      /starts.thing.mad: expected one of thing.made, thing.used \(did you mean thing.made\?\)/,
    ],
    [
      'starts with an event that is not listened to',
      { on: [only(thing, 'used')] },
      /starts.thing.made: expected one of thing.used/,
    ],
    [
      'previous',
      { previous: [{ version: 1, machine }] },
      /previous\[0\].version: expected a whole/,
    ],
    [
      'previous twice',
      { version: 3, previous: [1, 1].map((version) => ({ version, machine })) },
      /previous\[1\].version: expected each version once, got 1/,
    ],
  ])('with a wrong %s says what is expected', (_, options, message) => {
    expect(() => sagaOf(machine, options)).toThrow(message);
  });

  it('is marked, and has streams of its own', () => {
    const saga = sagaOf(machine);
    expect([isSaga(saga), isSaga({}), saga.storedAs]).toEqual([true, false, '$saga/test']);
  });
});

describe('a domain event', () => {
  const told = (type: string, data: object) => {
    const saga = sagaOf(machine);
    const [event] = liftFor(
      { stored: new Map([['thing', thing]]) },
      filterOf(saga.listening),
    )({
      ...{ slice: 0, aggregate: 'thing', id: 'a/1', version: 3, position: 9, type },
      ...{ schemaVersion: 1, data: JSON.stringify(data), metadata: '{}', commandId: 'c' },
      ...{ occurredAt: 1000, recordedAt: 2000 },
    });
    return event as NonNullable<typeof event>;
  };
  const route = (options: object, type = 'made') =>
    routeEvent(
      sagaOf(machine, options),
      told(type, type === 'made' ? { by: 'mia' } : { times: 2 }),
    );

  it('is routed with what starts an instance and what a running one gets', () => {
    const starts = { 'thing.made': (event: { data: object }) => event.data };
    const toMachine = () => ({ type: 'again' });
    expect(route({ starts, toMachine })).toEqual({
      id: 'a/1',
      input: {
        ...{ kind: 'event', source: 'thing/a%2F1@3', at: 1000 },
        event: { type: 'again' },
        start: { input: { by: 'mia' } },
      },
    });
    expect(route({ toMachine }, 'used')?.input).not.toHaveProperty('start');
  });

  it.each([
    ['correlate gives no id', { correlate: () => null }, 'made'],
    ['its machine gets nothing of it', {}, 'used'],
    ['it is not listened to', { on: [only(thing, 'made')] }, 'used'],
  ])('is passed over when %s', (_, options, type) => {
    expect(route(options, type)).toBeUndefined();
  });

  it.each<[object, RegExp]>([
    [{ correlate: () => '' }, /Saga test, event thing\/a%2F1@3: correlate: expected at least one/],
    [{ toMachine: () => ({}) }, /toMachine: expected an event with a type/],
    [
      { toMachine: () => ({ type: 'x', at: new Date() }) },
      /toMachine: .*\.at is an instance of Date/,
    ],
    [{ starts: { 'thing.made': () => ({ n: 1n }) } }, /starts: .*\.n is bigint/],
  ])('that makes what is no input is an error', (options, message) => {
    expect(() => route(options)).toThrow(message);
  });
});

it('a service runs with its input, its key and a signal', async () => {
  const { signal } = new AbortController();
  const add = service(async (input: { a: number }, context) => ({ sum: input.a + 1, ...context }));
  expect(await runService(add as never, { a: 1 }, { key: 'k', signal })).toEqual({
    ...{ sum: 2, key: 'k', signal },
  });
});

it('defineSaga is typed by one literal', () => {
  const saga = defineSaga({
    ...{ name: 'x', version: 1, machine, on: [thing] },
    correlate: (event) => event.id,
    starts: { 'thing.made': none },
  });
  expect(saga.name).toBe('x');
});
