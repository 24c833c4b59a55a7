import { command, effect } from 'troupe';
import { describe, expect, it } from 'vitest';
import { assign, fromPromise, setup } from 'xstate';
import { describeMachine } from '../../src/saga/describe-machine.js';
import { stock } from './support/shop.js';

const machine = setup({
  types: {} as { context: { n: number } },
  guards: { ready: () => true },
  delays: { patience: 3000, own: ({ context }) => context.n },
  actors: { ask: fromPromise(async () => 1) },
  actions: {
    count: assign({ n: ({ context }) => context.n + 1 }),
    notify: effect('ask') as never,
  },
}).createMachine({
  id: 'm',
  context: { n: 0 },
  initial: 'at work',
  on: { stop: { target: '.over' } },
  states: {
    'at work': {
      initial: 'asking',
      entry: 'count',
      exit: command(stock, 'take', () => ({ id: 's', data: { what: 'x' } })) as never,
      states: {
        asking: {
          invoke: { src: 'ask', onDone: 'waiting', onError: '#m.over' },
          always: { guard: 'ready', target: 'waiting' },
        },
        waiting: {
          after: {
            patience: { guard: 'ready', target: 'asking', actions: 'notify' },
            50: 'asking',
          },
          on: { 'stock.take.*': '#m.both' },
        },
      },
    },
    both: {
      type: 'parallel',
      after: { own: 'over' },
      onDone: 'over',
      states: {
        left: { initial: 'end', states: { end: { type: 'final' } } },
        right: { initial: 'end', states: { end: { type: 'final' }, was: { type: 'history' } } },
      },
    },
    over: { type: 'final' },
  },
});
const root = describeMachine(machine);
const [work, both, over] = root.states;

describe('a machine is described', () => {
  it('by its states, each with its path, its kind and those inside of it', () => {
    expect(root).toMatchObject({ path: '', name: 'm', kind: 'compound', initial: 'at work' });
    expect(work).toMatchObject({ path: 'at work', kind: 'compound', initial: 'at work.asking' });
    expect(both).toMatchObject({ path: 'both', kind: 'parallel' });
    expect(both).not.toHaveProperty('initial');
    expect(both?.states[1]?.states.map(({ path, kind }) => [path, kind])).toEqual([
      ['both.right.end', 'final'],
      ['both.right.was', 'history'],
    ]);
    expect(over).toMatchObject({ kind: 'final', states: [], transitions: [] });
  });

  it('by what leads from one to another, and when', () => {
    expect(root.transitions).toEqual([
      { kind: 'event', on: 'stop', targets: ['over'], actions: [] },
    ]);
    expect(work?.states[0]?.transitions).toEqual([
      { kind: 'done', targets: ['at work.waiting'], actions: [] },
      { kind: 'error', targets: ['over'], actions: [] },
      { kind: 'always', guard: 'ready', targets: ['at work.waiting'], actions: [] },
    ]);
    const after = { kind: 'after', targets: ['at work.asking'] };
    expect(work?.states[1]?.transitions).toEqual(
      expect.arrayContaining([
        { kind: 'event', on: 'stock.take.*', targets: ['both'], actions: [] },
        { ...after, on: 'patience', delayMs: 3000, guard: 'ready', actions: ['notify'] },
        { ...after, delayMs: 50, actions: [] },
      ]),
    );
    expect(both?.transitions).toEqual(
      expect.arrayContaining([
        { kind: 'after', on: 'own', targets: ['over'], actions: [] },
        { kind: 'done', targets: ['over'], actions: [] },
      ]),
    );
  });

  it('by what a state does, without what runs its delays', () => {
    expect(work).toMatchObject({ entry: ['count'], exit: ['stock.take'] });
    expect(work?.states[0]?.services).toEqual(['ask']);
    expect(work?.states[1]).toMatchObject({ entry: [], exit: [] });
  });

  it('as plain JSON', () => {
    expect(JSON.parse(JSON.stringify(root))).toEqual(root);
  });
});
