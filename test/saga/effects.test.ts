import { describe, expect, it } from 'vitest';
import { assign, fromPromise, setup } from 'xstate';
import { effect } from '../../src/saga/effect.js';
import type { MachineEvent } from '../../src/saga/saga-input.js';
import { Instance } from './support/instance.js';
import { sagaOf } from './support/thing.js';

describe('effects', () => {
  const services = setup({
    types: {} as { context: { told: string }; events: MachineEvent },
    actors: {
      tell: fromPromise<string, { to: string }>(async () => ''),
      other: fromPromise(async () => ''),
    },
  }).createMachine({
    id: 'e',
    context: { told: '' },
    initial: 'idle',
    states: {
      idle: { on: { tell: 'telling', fire: { actions: effect('tell', () => ({ to: 'ben' })) } } },
      telling: {
        invoke: {
          ...{ id: 'call', src: 'tell', input: { to: 'mia' } },
          onDone: { target: 'told', actions: assign({ told: ({ event }) => event.output }) },
        },
        on: { leave: 'idle', again: { target: 'telling', reenter: true } },
      },
      told: {},
    },
  });
  const effects = sagaOf(services);
  const running = (one: Instance) => Object.values(one.state.effects);

  it('are run by name, and end by key', () => {
    const one = new Instance(effects);
    one.start();
    const { steps } = one.event({ type: 'fire' });
    const [begun] = steps[0]!.effects;
    expect(begun).toEqual({ key: 'saga/test/one/2/1', service: 'tell', input: { to: 'ben' } });
    one.take({ kind: 'effect', key: begun!.key, result: { ok: true, output: 'x' } });
    expect(running(one)).toEqual([]);
    expect(one.take({ kind: 'effect', key: begun!.key, result: { ok: true } }).noTrace).toBe(
      'answered',
    );
  });

  it('of an invoke end with their state, and restore with it', () => {
    const one = new Instance(effects);
    one.start();
    one.event({ type: 'tell' });
    const [first] = running(one);
    expect(first).toMatchObject({ service: 'tell', invoke: 'call', input: { to: 'mia' } });
    const again = one.event({ type: 'again' }).steps[0]!;
    expect(again.effectsCancelled).toEqual([first!.key]);
    const [second] = running(one);
    expect(
      one.take({ kind: 'effect', key: first!.key, result: { ok: true, output: 'old' } }).noTrace,
    ).toBe('answered');
    one.take({ kind: 'effect', key: second!.key, result: { ok: true, output: 'new' } });
    expect([one.value, one.context]).toEqual(['told', { told: 'new' }]);
    one.event({ type: 'leave' });
    expect(running(one)).toEqual([]);
  });

  it('that fail unheard park the instance, and can be run anew with their key', () => {
    const one = new Instance(effects);
    one.start();
    one.event({ type: 'tell' });
    const { key } = running(one)[0]!;
    const error = { name: 'Error', message: 'no line' };
    one.take({ kind: 'effect', key, result: { ok: false, error } });
    expect(one.state.error).toMatchObject({ code: 'EffectFailed' });
    const { steps } = one.take({ kind: 'retry', how: 'rerun' });
    expect(steps[0]?.effects).toMatchObject([{ key, service: 'tell' }]);
    one.take({ kind: 'effect', key, result: { ok: true, output: 'at last' } });
    expect([one.value, one.context]).toEqual(['told', { told: 'at last' }]);
  });
});
