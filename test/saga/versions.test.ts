import { describe, expect, it } from 'vitest';
import { createMachine, fromPromise, setup } from 'xstate';
import { Instance } from './support/instance.js';
import { sagaOf } from './support/thing.js';

const first = createMachine({
  id: 'm',
  context: { said: 'old' },
  initial: 'waiting',
  states: {
    waiting: { after: { 100: 'over', 300: 'over' }, on: { go: 'over' } },
    over: { type: 'final' },
  },
});
const second = setup({ actors: { call: fromPromise(async () => 1) } }).createMachine({
  id: 'm2',
  context: { said: '' },
  initial: 'asking',
  states: {
    asking: {
      id: 'm.waiting',
      invoke: { id: 'c', src: 'call', input: { n: 1 } },
      after: { 100: 'over', 200: 'over' },
      on: { go: 'over' },
    },
    over: { type: 'final' },
  },
});

const begun = () => {
  const one = new Instance(sagaOf(first));
  one.start();
  return one;
};
const goOn = (one: Instance, options: object) => {
  const next = new Instance(sagaOf(second, { version: 2, ...options }));
  next.state = one.state;
  next.now = one.now + 40;
  return next;
};

describe('an instance of an older version', () => {
  it('keeps its machine while that is registered', () => {
    const one = goOn(begun(), { previous: [{ version: 1, machine: first }] });
    one.event({ type: 'go' });
    expect(one.state).toMatchObject({ status: 'done', machine: { id: 'm', version: 1 } });
    const fresh = goOn(new Instance(sagaOf(first)), {});
    fresh.start();
    expect(fresh.state.machine).toEqual({ id: 'm2', version: 2 });
  });

  it('is migrated with its next step, in which delays and promises are what they would be', () => {
    const one = goOn(begun(), {
      migrate: ({ version, machine, value, context }: Record<string, unknown>) => {
        expect({ version, machine, value, context }).toEqual({
          version: 1,
          machine: 'm',
          value: 'waiting',
          context: { said: 'old' },
        });
        return { value: 'asking', context: { said: 'new' } };
      },
    });
    const { steps } = one.event({ type: 'nothing' });
    expect(steps[0]).toMatchObject({ became: 'ignored', machine: { id: 'm2', version: 2 } });
    expect([one.value, one.context]).toEqual(['asking', { said: 'new' }]);
    expect(steps[0]?.effects).toMatchObject([{ service: 'call', invoke: 'c', input: { n: 1 } }]);
    // 100 goes on since both have it, 300 is gone, 200 begins now.
    expect(one.dueIn).toEqual([60, 200]);
    one.event({ type: 'go' });
    expect(one.state).toMatchObject({ status: 'done', effects: {}, timers: {} });
  });

  it('is left as it is, with an error, if it can be neither', () => {
    const one = goOn(begun(), {});
    const before = one.state;
    expect(() => one.event({ type: 'go' })).toThrow(
      /Saga test: instance one runs on machine m of version 1, which is not registered \(2\)/,
    );
    expect(one.state).toBe(before);
  });

  it('is parked if migrate gives a state that is not there', () => {
    const one = goOn(begun(), { migrate: () => ({ value: 'nowhere', context: {} }) });
    one.event({ type: 'go' });
    expect(one.state).toMatchObject({ status: 'parked', machine: { version: 1 } });
  });
});

it('an instance whose machine changed without a version is parked', () => {
  const changed = new Instance(sagaOf(createMachine({ id: 'm', initial: 'x', states: { x: {} } })));
  changed.state = begun().state;
  changed.event({ type: 'go' });
  expect(changed.state.error).toMatchObject({ code: 'SnapshotUnreadable' });
});
