import { describe, expect, it } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import { command } from '../../src/saga/command.js';
import { evolveSaga } from '../../src/saga/evolve-saga.js';
import type { CommandOutcome } from '../../src/saga/outcome-event.js';
import { NEW_SAGA } from '../../src/saga/saga-state.js';
import { stepSaga } from '../../src/saga/step-saga.js';
import { Instance, NOON } from './support/instance.js';
import { sagaOf, thing } from './support/thing.js';

type Event =
  | { type: 'go' }
  | { type: 'bad'; how: 'throws' | 'date' }
  | { type: 'stop' }
  | CommandOutcome<typeof thing, 'use'>;

const machine = setup({
  types: {} as { context: { seen: number; date?: unknown }; events: Event },
  actions: {
    use: command(thing, 'use', ({ context }) => ({ id: 'x', data: { times: context.seen } })),
  },
}).createMachine({
  id: 'm',
  context: { seen: 0 },
  initial: 'idle',
  on: { stop: '.ending' },
  states: {
    idle: {
      on: {
        go: { target: 'using', actions: assign({ seen: ({ context }) => context.seen + 1 }) },
        bad: {
          target: 'using',
          actions: assign({
            date: ({ event }) => {
              if (event.how === 'throws') throw new RangeError('out of range');
              return new Date(0);
            },
          }),
        },
      },
    },
    using: {
      entry: ['use', 'use'],
      on: {
        'thing.use.accepted': 'over',
        'thing.use.rejected': 'idle',
        'thing.use.failed': 'idle',
      },
    },
    ending: { after: { 1000: 'over' } },
    over: { type: 'final' },
  },
});
const saga = sagaOf(machine, { cancel: { type: 'stop' } });

const accepted = (key: string) => ({
  kind: 'outcome' as const,
  key,
  outcome: { kind: 'accepted' as const, version: 3 },
});

describe('a step', () => {
  it('starts an instance only by an event that may, and leaves no trace before', () => {
    const one = new Instance(saga);
    expect(one.event({ type: 'go' })).toEqual({
      steps: [],
      state: NEW_SAGA,
      logs: [],
      noTrace: 'not-started',
    });
    expect(one.take({ kind: 'timer', key: 'k', generation: 1 }).noTrace).toBe('not-started');
    one.start();
    expect(one.state).toMatchObject({
      status: 'active',
      step: 1,
      machine: { id: 'm', version: 1 },
    });
    expect(one.value).toBe('idle');
  });

  it('records commands with keys of their step, the same when it is taken again', () => {
    const one = new Instance(saga);
    one.start();
    const before = one.state;
    const first = one.event({ type: 'go' });
    expect(first.steps[0]?.commands).toEqual([
      {
        key: 'saga/test/one/2/1',
        ...{ aggregate: 'thing', storedAs: 'thing', id: 'x', type: 'use' },
        data: { times: 1 },
      },
      {
        key: 'saga/test/one/2/2',
        ...{ aggregate: 'thing', storedAs: 'thing', id: 'x', type: 'use' },
        data: { times: 1 },
      },
    ]);
    const input = first.steps[0]!.input;
    expect(stepSaga(saga, { id: 'one', state: before }, input, NOON)).toEqual(first);
    expect(first.steps.reduce(evolveSaga, before)).toEqual(first.state);
  });

  it('shortens keys that would be too long, and keeps them apart', () => {
    const keys = ['a', 'b'].map((last) => {
      const one = new Instance(saga, 'é'.repeat(200) + last);
      one.start();
      return one.event({ type: 'go' }).steps[0]!.commands[0]!.key;
    });
    expect(Math.max(...keys.map((key) => Buffer.byteLength(key)))).toBeLessThanOrEqual(255);
    expect(new Set(keys).size).toBe(2);
  });

  it('hands outcomes to the machine once', () => {
    const one = new Instance(saga);
    one.start();
    const [step] = one.event({ type: 'go' }).steps;
    const [first, second] = step!.commands;
    const { key } = first!;
    one.take({
      ...{ kind: 'outcome', key },
      outcome: {
        kind: 'rejected',
        rejection: {
          code: 'BROKEN',
          shortCode: 'BROKEN',
          number: 1,
          status: 400,
          message: 'It is broken',
          details: {},
        },
      },
    });
    expect(one.value).toBe('idle');
    expect(one.take(accepted(key)).noTrace).toBe('answered');
    expect(one.take(accepted(second!.key)).steps[0]?.became).toBe('ignored');
    expect(one.state).toMatchObject({ ignored: 1, commands: {} });
  });

  it('ends with a final state; what comes later is counted and does nothing', () => {
    const one = new Instance(saga);
    one.start();
    const [step] = one.event({ type: 'go' }).steps;
    const [first, second] = step!.commands;
    one.take(accepted(first!.key));
    expect(one.state).toMatchObject({ status: 'done', late: 0 });
    const late = one.event({ type: 'go' });
    expect(late.steps[0]).toMatchObject({ became: 'late', commands: [] });
    one.start();
    expect(one.take(accepted(second!.key)).steps[0]?.became).toBe('late');
    expect(one.state).toMatchObject({ status: 'done', late: 2, commands: {} });
    expect(one.value).toBe('over');
  });

  it('counts what the machine does not react to', () => {
    const one = new Instance(saga);
    one.start();
    const { steps } = one.event({ type: 'thing.use.accepted', id: 'x' });
    expect(steps[0]).toMatchObject({ became: 'ignored', step: 2 });
    expect(steps[0]).not.toHaveProperty('snapshot');
    expect(one.state.ignored).toBe(1);
  });

  it('compensates when it is cancelled, and ends as cancelled', () => {
    const one = new Instance(saga);
    one.start();
    one.event({ type: 'go' });
    one.take({ kind: 'cancel', compensate: true });
    expect(one.state).toMatchObject({ status: 'active', cancelling: true });
    expect(one.take({ kind: 'cancel', compensate: true }).noTrace).toBe('cancelling');
    one.pass(1000);
    expect(one.state).toMatchObject({ status: 'cancelled', timers: {} });
    expect(one.take({ kind: 'cancel', compensate: false }).noTrace).toBe('ended');
  });

  it('ends at once when it is cancelled without compensation', () => {
    const one = new Instance(saga);
    one.start();
    one.event({ type: 'stop' });
    const { steps } = one.take({ kind: 'cancel', compensate: false });
    expect(steps[0]).toMatchObject({
      status: 'cancelled',
      timersCancelled: [{ key: 'xstate.after.1000.m.ending', generation: 1 }],
    });
    expect(one.event({ type: 'go' }).steps[0]?.became).toBe('late');
  });
});

describe('a step that fails', () => {
  it.each(['throws', 'date'] as const)('parks the instance, unchanged (%s)', (how) => {
    const one = new Instance(saga);
    one.start();
    const { snapshot } = one.state;
    const { steps } = one.event({ type: 'bad', how });
    expect(steps[0]).toMatchObject({ became: 'parked', status: 'parked', commands: [] });
    expect(one.state).toMatchObject({ status: 'parked', snapshot });
    expect(one.state.error?.message).toMatch(how === 'throws' ? /out of range/ : /context.date/);
    expect(JSON.stringify(steps)).not.toContain('.ts:');
  });

  it('holds what comes, and takes it in order when it goes on', () => {
    const one = new Instance(saga);
    one.start();
    one.event({ type: 'bad', how: 'throws' });
    const held = one.event({ type: 'go' });
    expect(held.steps[0]?.became).toBe('held');
    expect(one.state.held).toHaveLength(2);

    expect(one.take({ kind: 'retry', how: 'again' }).steps.map(({ became }) => became)).toEqual([
      'parked',
    ]);
    expect(one.state).toMatchObject({ status: 'parked' });
    expect(one.state.held).toHaveLength(2);

    const { steps } = one.take({ kind: 'retry', how: 'skip' });
    expect(steps.map(({ became, step }) => [became, step])).toEqual([
      ['dropped', 5],
      ['moved', 6],
    ]);
    expect(one.state).toMatchObject({ status: 'active', held: [], error: null });
    expect(one.value).toBe('using');
    expect(one.take({ kind: 'retry', how: 'again' }).noTrace).toBe('not-parked');
  });

  it('can be cancelled', () => {
    const one = new Instance(saga);
    one.start();
    one.event({ type: 'bad', how: 'throws' });
    one.event({ type: 'go' });
    one.take({ kind: 'cancel', compensate: true });
    expect(one.state).toMatchObject({ status: 'active', held: [], error: null });
    expect(one.value).toBe('ending');
  });
});

it('hands a machine what it sends to itself after what it is about, and bounds that', () => {
  const talker = createMachine({
    id: 't',
    initial: 'a',
    states: {
      a: {
        on: {
          go: 'b',
          loop: { actions: sendTo(({ self }) => self, { type: 'loop' }) },
        },
      },
      b: { entry: sendTo(({ self }) => self, { type: 'next' }), on: { next: 'c' } },
      c: { type: 'final' },
    },
  });
  const one = new Instance(sagaOf(talker));
  one.start();
  expect(one.event({ type: 'loop' }).steps[0]?.error?.message).toMatch(/more than 1000 events/);
  one.take({ kind: 'retry', how: 'skip' });
  one.event({ type: 'go' });
  expect(one.state.status).toBe('done');
});

it('stops an endless loop of a machine', () => {
  const endless = createMachine({
    id: 'l',
    initial: 'a',
    states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
  });
  const one = new Instance(sagaOf(endless));
  one.start();
  expect(one.event({ type: 'go' }).steps[0]?.error?.message).toMatch(/[Ii]nfinite loop/);
});
