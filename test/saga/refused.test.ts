import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createMachine,
  emit,
  enqueueActions,
  fromCallback,
  fromPromise,
  raise,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import { command } from '../../src/saga/command.js';
import { effect } from '../../src/saga/effect.js';
import { SagaRefused } from '../../src/saga/saga-refused.js';
import { Instance } from './support/instance.js';
import { sagaOf, thing } from './support/thing.js';

const sideEffect = () => undefined;

/** With this on entry of the state `a`. */
const onEntry = (entry: unknown) =>
  createMachine({ id: 'm', initial: 'a', states: { a: { entry: entry as never } } });

describe('a machine is refused when it is defined', () => {
  it.each<[string, () => AnyStateMachine, string, RegExp]>([
    ['code on entry', () => onEntry(function mail() {}), 'm.a', /action mail: mail is code/],
    ['code on exit', () => createMachine({ id: 'm', exit: sideEffect }), 'm', /sideEffect is code/],
    [
      'code in a transition of a nested state',
      () =>
        createMachine({
          id: 'm',
          initial: 'a',
          states: { a: { initial: 'b', states: { b: { always: { actions: sideEffect } } } } },
        }),
      'm.a.b',
      /sideEffect is code/,
    ],
    [
      'code in an initial transition',
      () =>
        createMachine({
          id: 'm',
          initial: { target: 'a', actions: sideEffect },
          states: { a: {} },
        } as never),
      'm',
      /sideEffect is code/,
    ],
    [
      'code that is declared',
      () => setup({ actions: { mail: sideEffect } }).createMachine({ id: 'm' }),
      'setup',
      /action mail: mail is code/,
    ],
    [
      'an action that is not declared',
      () => onEntry('mail'),
      'm.a',
      /mail: no action of this name/,
    ],
    ['an emitted event', () => onEntry(emit({ type: 'x' })), 'm.a', /action emit: expected one of/],
    [
      'a spawned actor',
      () => onEntry(spawnChild('x' as never)),
      'm.a',
      /action spawnChild: expected/,
    ],
    ['an event for another', () => onEntry(sendTo('x', { type: 'y' })), 'm.a', /only to itself/],
    [
      'a callback',
      () => createMachine({ id: 'm', invoke: { id: 'i', src: fromCallback(() => undefined) } }),
      'm',
      /action i: it is no promise/,
    ],
    [
      'a declared callback',
      () => setup({ actors: { tick: fromCallback(() => undefined) } }).createMachine({ id: 'm' }),
      'setup',
      /action tick: it is no promise/,
    ],
    [
      'a machine inside',
      () => createMachine({ id: 'm', invoke: { id: 'i', src: createMachine({}) } }),
      'm',
      /action i: it is no promise/,
    ],
    [
      'a service that is not declared',
      () => createMachine({ id: 'm', invoke: { id: 'i', src: 'nope' } }),
      'm',
      /action nope: no service/,
    ],
    [
      'a delay that is not declared',
      () =>
        createMachine({ id: 'm', initial: 'a', states: { a: { after: { soon: 'b' } }, b: {} } }),
      'm.a',
      /no delay named soon/,
    ],
    [
      'a raised delay that is not declared',
      () => onEntry(raise({ type: 'x' }, { delay: 'soon' as never })),
      'm.a',
      /no delay named soon/,
    ],
    [
      'a guard that is not declared',
      () => createMachine({ id: 'm', on: { x: { guard: 'free', actions: [] } } }),
      'm',
      /action free: no guard/,
    ],
  ])('%s', (_, make, state, message) => {
    const machine = make();
    expect(() => sagaOf(machine)).toThrow(message);
    try {
      sagaOf(machine);
    } catch (error) {
      expect(error).toBeInstanceOf(SagaRefused);
      expect(error).toMatchObject({ code: 'SagaRefused', details: { state, machine: machine.id } });
    }
  });

  it('but not for promises, delays, guards and actions that can be made durable', () => {
    const machine = setup({
      actors: { call: fromPromise(async () => 1) },
      delays: { soon: 5 },
      guards: { free: () => true },
      actions: { use: command(thing, 'use', () => ({ id: 'x', data: { times: 1 } })) },
    }).createMachine({
      id: 'm',
      entry: [assign({}), 'use', effect('call'), raise({ type: 'x' }, { delay: 'soon' })],
      invoke: [{ src: 'call' }, { src: fromPromise(async () => 1) }],
      on: { x: { guard: 'free' } },
    });
    expect(sagaOf(machine).machines.get(1)?.id).toBe('m');
  });
});

describe('a machine is refused at the step', () => {
  /** Queued where nothing of it is visible before. */
  const queues = (queue: (enqueue: never) => void) =>
    createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { go: { actions: enqueueActions(({ enqueue }) => queue(enqueue as never)) } } },
      },
    });

  it.each<[string, AnyStateMachine, RegExp]>([
    [
      'code in enqueueActions',
      queues((enqueue: (action: unknown) => void) => enqueue(sideEffect)),
      /Machine m, state "a", action sideEffect: sideEffect is code/,
    ],
    [
      'an actor spawned in enqueueActions',
      queues((enqueue: { spawnChild: (src: unknown) => void }) =>
        enqueue.spawnChild(fromPromise(async () => 1)),
      ),
      /state "a", action spawnChild: it may not spawn/,
    ],
    [
      'an actor spawned in assign',
      createMachine({
        id: 'm',
        initial: 'a',
        states: {
          a: {
            on: {
              go: {
                actions: assign({
                  child: ({ spawn }) =>
                    spawn(fromPromise(async () => 1) as never, { id: 'c' } as never),
                }),
              },
            },
          },
        },
      }),
      /state "a", action spawn: it may not spawn actors \(c\)/,
    ],
    [
      'an event emitted in enqueueActions',
      queues((enqueue: { emit: (event: object) => void }) => enqueue.emit({ type: 'x' })),
      /action xstate.emit/,
    ],
    [
      'a command with data that its schema refuses',
      queues((enqueue: (action: unknown) => void) =>
        enqueue(command(thing, 'use', () => ({ id: 'x', data: { times: 'two' as never } }))),
      ),
      /action thing.use: times: /,
    ],
    [
      'a command to no id',
      queues((enqueue: (action: unknown) => void) =>
        enqueue(command(thing, 'use', () => ({ id: '', data: { times: 1 } }))),
      ),
      /action thing.use: id: expected at least one character/,
    ],
    [
      'an effect that is not declared',
      queues((enqueue: (action: unknown) => void) => enqueue(effect('nope' as never))),
      /action nope: no service nope is declared/,
    ],
  ])('%s, and its instance is parked', (_, machine, message) => {
    const one = new Instance(sagaOf(machine));
    one.start();
    const { steps } = one.event({ type: 'go' });
    expect(steps[0]).toMatchObject({ became: 'parked', commands: [], effects: [], timersSet: [] });
    expect(one.state.error?.message).toMatch(message);
    expect(one.state.error?.code).toBe('SagaRefused');
    expect(one.value).toBe('a');
  });
});
