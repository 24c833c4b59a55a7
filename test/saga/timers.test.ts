import { describe, expect, it } from 'vitest';
import { assign, cancel, createMachine, enqueueActions, raise, setup } from 'xstate';
import type { MachineEvent } from '../../src/saga/saga-input.js';
import { Instance, NOON } from './support/instance.js';
import { sagaOf } from './support/thing.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const nested = setup({
  types: {} as { context: { wait: number; rang: string[] }; events: MachineEvent },
  delays: { hour: HOUR, dynamic: ({ context }) => context.wait },
  actions: {
    ring: assign({ rang: ({ context, event }) => [...context.rang, event.type] }),
  },
}).createMachine({
  id: 'n',
  context: { wait: 5, rang: [] },
  initial: 'outer',
  states: {
    outer: {
      after: { 10000: { actions: 'ring' }, hour: 'late' },
      initial: 'a',
      states: {
        a: { after: { dynamic: 'b' }, on: { jump: 'b' } },
        b: { after: { 7: 'c' } },
        c: {},
      },
      on: { leave: 'left' },
    },
    late: {},
    left: {
      on: {
        soon: { actions: raise({ type: 'alarm' }, { delay: 20, id: 'alarm' }) },
        never: { actions: cancel('alarm') },
        alarm: { actions: 'ring' },
        odd: {
          actions: enqueueActions(({ enqueue }) => {
            enqueue.raise({ type: 'alarm' }, { delay: Number.NaN as number });
          }),
        },
      },
    },
  },
});

describe('timers', () => {
  it('are due at absolute times: by number, by name, by context; nested ones together', () => {
    const one = new Instance(sagaOf(nested));
    one.start();
    expect(one.dueIn).toEqual([5, 10_000, HOUR]);
    one.pass(5);
    expect(one.value).toEqual({ outer: 'b' });
    expect(one.dueIn).toEqual([7, 9_995, HOUR - 5]);
    one.pass(10_000);
    expect(one.value).toEqual({ outer: 'c' });
    expect((one.context as { rang: string[] }).rang).toEqual(['xstate.after.10000.n.outer']);
    one.pass(HOUR);
    expect(one.value).toBe('late');
    expect(one.dueIn).toEqual([]);
  });

  it('are cancelled when their state is left; a late firing does nothing', () => {
    const one = new Instance(sagaOf(nested));
    one.start();
    const armed = Object.values(one.state.timers);
    const { steps } = one.event({ type: 'leave' });
    expect(steps[0]?.timersCancelled).toHaveLength(3);
    for (const { key, generation } of armed)
      expect(one.take({ kind: 'timer', key, generation }).noTrace).toBe('unarmed');
  });

  it('armed anew do not hear the firing of the one before', () => {
    const one = new Instance(sagaOf(nested));
    one.start();
    one.event({ type: 'leave' });
    one.event({ type: 'soon' });
    one.now += 10;
    one.event({ type: 'soon' });
    const { key, generation } = Object.values(one.state.timers)[0]!;
    expect(one.dueIn).toEqual([20]);
    expect(one.take({ kind: 'timer', key, generation: generation - 1 }).noTrace).toBe('unarmed');
    one.pass(20);
    expect((one.context as { rang: string[] }).rang).toEqual(['alarm']);
    expect(one.take({ kind: 'timer', key, generation }).noTrace).toBe('unarmed');
    one.event({ type: 'soon' });
    one.event({ type: 'never' });
    expect(one.dueIn).toEqual([]);
  });

  it('of a delay that is no number park the instance', () => {
    const one = new Instance(sagaOf(nested));
    one.start();
    one.event({ type: 'leave' });
    one.event({ type: 'odd' });
    expect(one.state.error).toMatchObject({ code: 'SagaRefused' });
    expect(one.state.error?.message).toMatch(/Machine n, state "left", action alarm: .*got NaN/);
  });

  it('fire in due order, the first armed first', () => {
    const machine = createMachine({
      id: 'o',
      on: {
        a: { actions: assign({ got: ({ context }) => `${context.got}a` }) },
        b: { actions: assign({ got: ({ context }) => `${context.got}b` }) },
        c: { actions: assign({ got: ({ context }) => `${context.got}c` }) },
      },
      context: { got: '' },
      entry: [
        raise({ type: 'b' }, { delay: 5 }),
        raise({ type: 'c' }, { delay: 5 }),
        raise({ type: 'a' }, { delay: 1 }),
      ],
    });
    const one = new Instance(sagaOf(machine));
    one.start();
    one.pass(5);
    expect(one.context).toEqual({ got: 'abc' });
  });

  it('keep their due time when the clock is set back, and later ones follow the clock', () => {
    const one = new Instance(sagaOf(nested));
    one.start();
    const due = Math.min(...Object.values(one.state.timers).map((timer) => timer.due));
    one.now = NOON - DAY;
    const [key] = Object.keys(one.state.timers).filter((k) => one.state.timers[k]?.due === due);
    // It had been found due before the clock was set back.
    one.take({ kind: 'timer', key: key!, generation: one.state.timers[key!]!.generation });
    expect(one.value).toEqual({ outer: 'b' });
    expect(one.state.time).toBe(due);
    one.event({ type: 'leave' });
    expect(one.state.time).toBe(NOON - DAY);
  });

  it('fire for a year in no time', () => {
    const daily = createMachine({
      id: 'd',
      context: { days: 0 },
      initial: 'day',
      states: {
        day: {
          after: {
            [DAY]: {
              target: 'day',
              reenter: true,
              actions: assign({ days: ({ context }) => context.days + 1 }),
            },
          },
        },
      },
    });
    const one = new Instance(sagaOf(daily));
    one.start();
    one.pass(365 * DAY);
    expect(one.context).toEqual({ days: 365 });
    expect(one.state.time).toBe(NOON + 365 * DAY);
  });
});

describe('event time', () => {
  const saga = sagaOf(nested, { time: 'event' });
  const LONG_AGO = Date.UTC(2011, 9, 1);

  it('is moved by events and timers alone, whatever the clock says', () => {
    const one = new Instance(saga);
    one.start(undefined, LONG_AGO);
    expect(one.state.time).toBe(LONG_AGO);
    expect(Object.values(one.state.timers).map(({ due }) => due - LONG_AGO)).toContain(HOUR);
    const [first] = Object.values(one.state.timers).sort((a, b) => a.due - b.due);
    one.take({ kind: 'timer', key: first!.key, generation: first!.generation });
    expect(one.state.time).toBe(LONG_AGO + 5);
    one.take({ kind: 'sent', event: { type: 'nothing' } });
    expect(one.state.time).toBe(LONG_AGO + 5);
    one.event({ type: 'leave' }, LONG_AGO + 100);
    one.event({ type: 'soon' }, LONG_AGO + 50); // an event of another stream, stored late
    expect(one.state.time).toBe(LONG_AGO + 100);
    expect(Object.values(one.state.timers).map(({ due }) => due)).toEqual([LONG_AGO + 120]);
  });

  it('fires what was due before an event that was held', () => {
    const one = new Instance(saga);
    one.start(undefined, LONG_AGO);
    one.take({ kind: 'sent', event: { type: 'leave' } });
    one.event({ type: 'odd' }, LONG_AGO + 1);
    one.event({ type: 'soon' }, LONG_AGO + 2);
    one.event({ type: 'never' }, LONG_AGO + 500);
    one.take({ kind: 'retry', how: 'skip' });
    expect((one.context as { rang: string[] }).rang).toEqual(['alarm']);
  });
});
