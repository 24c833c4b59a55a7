import { givenSaga } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { assign, createMachine } from 'xstate';
import { moneyTransfer } from '../../examples/transfer/money-transfer.js';
import { sagaOf } from '../saga/support/thing.js';

const requested = {
  type: 'requested',
  data: { from: 'mia', to: 'ben', cents: 500 },
} as const;

describe('givenSaga', () => {
  it.each<[string, object, RegExp]>([
    ['state', { state: 'debiting' }, /saga money-transfer: state: /],
    ['commands', { commands: [{ aggregate: 'account' }] }, /saga money-transfer: commands: /],
    ['timers', { timers: [] }, /saga money-transfer: timers: /],
    ['context', { context: { cents: 1 } }, /saga money-transfer: context: /],
    ['status', { status: 'done' }, /saga money-transfer: status: /],
    ['parkedBy', { parkedBy: 'X' }, /saga money-transfer: parkedBy: /],
  ])('fails if the %s is another', (_, expected, message) => {
    const scene = givenSaga(moneyTransfer, [requested]);
    expect(() => scene.thenHas(expected)).toThrow(message);
  });

  it('finds a machine that is not pure', () => {
    let count = 0;
    const impure = createMachine({
      id: 'm',
      context: () => ({ count: 0 }),
      on: { 'thing.used': { actions: assign({ count: () => ++count }) } },
    });
    const saga = sagaOf(impure, { toMachine: () => ({ type: 'thing.used' }) });
    const scene = givenSaga(saga, [{ type: 'made', data: { by: 'mia' } }]);
    expect(() => scene.when({ type: 'used', data: { times: 1 } })).toThrow(/must be pure/);
  });

  it('fails for a parked instance unless that is expected', () => {
    const throws = createMachine({
      id: 'm',
      on: {
        use: {
          actions: assign(() => {
            throw new RangeError('too much');
          }),
        },
      },
    });
    const saga = sagaOf(throws, { toMachine: () => ({ type: 'use' }) });
    const scene = givenSaga(saga, [{ type: 'made', data: { by: 'mia' } }]);
    scene.when({ type: 'used', data: { times: 1 } });
    expect(() => scene.thenHas({})).toThrow(/it is parked: too much/);
    scene.thenHas({ status: 'parked' }).when({ retry: 'skip' }).thenHas({ status: 'active' });
  });

  it('says which commands wait when told of another', () => {
    const scene = givenSaga(moneyTransfer, [requested, { type: 'confirmed', data: {} }]);
    expect(() => scene.when({ outcome: 'account.deposit.accepted' })).toThrow(
      /account.deposit.accepted: no such command waits .* account.withdraw to mia/,
    );
  });
});
