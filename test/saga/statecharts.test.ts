import { describe, expect, it } from 'vitest';
import { assign, createMachine, log, setup, stateIn } from 'xstate';
import type { MachineEvent } from '../../src/saga/saga-input.js';
import { Instance } from './support/instance.js';
import { sagaOf } from './support/thing.js';

describe('a restored machine goes on', () => {
  it('in parallel states, each with its own delays', () => {
    const machine = createMachine({
      id: 'p',
      type: 'parallel',
      states: {
        left: {
          initial: 'a',
          states: { a: { after: { 10: 'b' } }, b: { type: 'final' } },
        },
        right: {
          initial: 'a',
          states: {
            a: { after: { 30: 'b' }, on: { skip: 'b' } },
            b: { always: { guard: stateIn({ left: 'b' }), target: 'c' } },
            c: { type: 'final' },
          },
        },
      },
      output: 'both',
    });
    const one = new Instance(sagaOf(machine));
    one.start();
    expect(one.dueIn).toEqual([10, 30]);
    one.event({ type: 'skip' });
    expect([one.value, one.dueIn]).toEqual([{ left: 'a', right: 'b' }, [10]]);
    one.pass(10);
    expect(one.state).toMatchObject({ status: 'done', output: 'both', timers: {} });
  });

  it.each([
    ['deep', { work: { stage: 'two' } }],
    ['shallow', { work: { stage: 'one' } }],
  ] as const)('in the states of a %s history', (history, expected) => {
    const machine = createMachine({
      id: 'h',
      initial: 'work',
      states: {
        work: {
          initial: 'first',
          states: {
            first: { on: { next: 'stage' } },
            stage: {
              initial: 'one',
              states: { one: { on: { next: 'two' } }, two: { after: { 50: 'one' } } },
            },
            back: { type: 'history', history },
          },
          on: { pause: 'paused' },
        },
        paused: { on: { resume: 'work.back' } },
      },
    });
    const one = new Instance(sagaOf(machine));
    one.start();
    for (const type of ['next', 'next', 'pause']) one.event({ type });
    expect([one.value, one.dueIn]).toEqual(['paused', []]);
    one.event({ type: 'resume' });
    expect(one.value).toEqual(expected);
    expect(one.dueIn).toEqual(history === 'deep' ? [50] : []);
  });

  it('with guards on its context, and logs what it is told to', () => {
    const machine = setup({
      types: {} as { context: { left: number }; events: MachineEvent },
      guards: { isLast: ({ context }) => context.left === 1 },
    }).createMachine({
      id: 'g',
      context: { left: 3 },
      initial: 'on',
      states: {
        on: {
          on: {
            tick: [
              { guard: 'isLast', target: 'off' },
              {
                actions: [
                  assign({ left: ({ context }) => context.left - 1 }),
                  log(({ context }) => context.left, 'left'),
                ],
              },
            ],
          },
        },
        off: { type: 'final' },
      },
    });
    const one = new Instance(sagaOf(machine));
    one.start();
    expect(one.event({ type: 'tick' }).logs).toEqual([{ label: 'left', value: 2 }]);
    one.event({ type: 'tick' });
    expect(one.state.status).toBe('active');
    one.event({ type: 'tick' });
    expect(one.state.status).toBe('done');
  });
});
