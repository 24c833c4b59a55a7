import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { KnownInstances } from '../../src/saga/known-instances.js';
import { nextDue } from '../../src/saga/saga-state.js';
import { Instance } from './support/instance.js';
import { sagaOf } from './support/thing.js';

const timed = sagaOf(
  setup({}).createMachine({
    id: 'timed',
    initial: 'a',
    states: { a: { after: { 1000: 'b' }, on: { go: 'b' } }, b: { after: { 50: 'a' } } },
  }),
);

describe('what is known of an instance', () => {
  it('follows its steps, and passes over those that are known', () => {
    const [known, one] = [new KnownInstances(), new Instance(timed)];
    known.isNew('one');
    const [first, second] = [one.start(), one.event({ type: 'go' })];
    for (const { steps } of [first, first, second, first]) known.fold('one', steps);
    expect(known.get('one')?.step).toBe(2);
    expect(nextDue(known.get('one')!)).toEqual(nextDue(one.state));
  });

  it('is forgotten where a step is missing', () => {
    const [known, one] = [new KnownInstances(), new Instance(timed)];
    known.isNew('one');
    one.start();
    known.fold('one', one.event({ type: 'go' }).steps);
    expect(known.get('one')).toBeUndefined();
  });

  it('relays a command once, and again only if that failed', async () => {
    const known = new KnownInstances();
    let calls = 0;
    const fails = () => known.relayOnce('k', () => Promise.reject(new Error(`${++calls}`)));
    const both = await Promise.allSettled([fails(), fails()]);
    expect(both.map((one) => String('reason' in one && one.reason))).toEqual([
      'Error: 1',
      'Error: 1',
    ]);
    const works = () =>
      known.relayOnce('k', async () => {
        calls++;
        return [];
      });
    expect(await works()).toBe(await works());
    expect(calls).toBe(2);
  });
});
