import { given } from 'troupe/testing';
import { expectTypeOf, test } from 'vitest';
import { purse } from './purse.js';

const opened = { type: 'opened', data: { owner: 'Ada' } } as const;

test('given takes the declared events with what their constructors take', () => {
  void given(purse, [opened, { type: 'changed', data: { by: 1 } }]);
  void given(purse, [{ type: 'stamped', data: { at: 'what the constructor takes' } }]);
  // @ts-expect-error: no such event
  void given(purse, [{ type: 'burnt', data: {} }]);
  // @ts-expect-error: wrong data
  void given(purse, [{ type: 'changed', data: { by: '1' } }]);
  // @ts-expect-error: data of another event
  void given(purse, [{ type: 'changed', data: { owner: 'Ada' } }]);
  // @ts-expect-error: what the schema makes of it is not what the constructor takes
  void given(purse, [{ type: 'stamped', data: { at: 4 } }]);
  // @ts-expect-error: no such option
  void given(purse, [], { clock: 1 });
});

test('when takes the declared commands', () => {
  const some = given(purse, [opened]);
  void some.when({ type: 'put', data: { cents: 1 } }, { now: new Date() });
  // @ts-expect-error: no such command
  void some.when({ type: 'burn', data: {} });
  // @ts-expect-error: wrong data
  void some.when({ type: 'put', data: { cents: '1' } });
  // @ts-expect-error: no such option
  void some.when({ type: 'put', data: { cents: 1 } }, { at: 1 });
});

test('then expects declared events as they are read, declared rejections and the state', async () => {
  const then = given(purse, [opened]).when({ type: 'put', data: { cents: 1 } });
  void then.thenEvents([{ type: 'changed', data: { by: 1 } }]);
  void then.thenEvents([{ type: 'stamped', data: { at: 4 } }]);
  // @ts-expect-error: no such event
  void then.thenEvents([{ type: 'burnt', data: {} }]);
  // @ts-expect-error: wrong data
  void then.thenEvents([{ type: 'changed', data: { by: '1' } }]);
  void then.thenRejected('EMPTY', { balance: 1 });
  void then.thenRejected('LOCKED');
  void then.thenRejected('NotFound', { aggregate: 'purse', id: 'id' });
  // @ts-expect-error: no such error
  void then.thenRejected('FULL');
  // @ts-expect-error: wrong details
  void then.thenRejected('EMPTY', { balance: '1' });
  void then.thenRefused('InvalidCommand');
  // @ts-expect-error: no such refusal
  void then.thenRefused('Invalid');
  void then.thenState({ owner: 'Ada', balance: 1 });
  void then.thenState((state) => expectTypeOf(state.balance).toBeNumber());
  // @ts-expect-error: not the state
  void then.thenState({ owner: 'Ada' });
  const { events, state } = await then;
  expectTypeOf(state).toEqualTypeOf<{ owner: string; balance: number }>();
  for (const event of events)
    if (event.type === 'stamped') expectTypeOf(event.data).toEqualTypeOf<{ at: number }>();
});
