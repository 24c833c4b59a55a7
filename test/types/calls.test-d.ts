import {
  type AggregateClient,
  defineHandler,
  defineProjection,
  definePublication,
  defineView,
  MemoryPublisher,
  only,
  type Runtime,
} from 'troupe';
import { expectTypeOf, test } from 'vitest';
import { purse } from './purse.js';

declare const runtime: Runtime;
declare const error: unknown;
const purses = runtime.aggregate(purse);

test('send takes the declared commands with their data, and nothing else', () => {
  void purses.send('id', { type: 'put', data: { cents: 1 } });
  void purses.send('id', { type: 'label', data: { text: 'what the caller writes' } });
  // @ts-expect-error: no such command
  void purses.send('id', { type: 'burn', data: {} });
  // @ts-expect-error: missing data
  void purses.send('id', { type: 'put' });
  // @ts-expect-error: wrong data
  void purses.send('id', { type: 'put', data: { cents: '1' } });
  // @ts-expect-error: data of another command
  void purses.send('id', { type: 'put', data: { owner: 'Ada' } });
  // @ts-expect-error: excess data
  void purses.send('id', { type: 'put', data: { cents: 1, euros: 1 } });
  // @ts-expect-error: what the schema makes of it is not what the caller writes
  void purses.send('id', { type: 'label', data: { text: 4 } });
  // @ts-expect-error: no such option
  void purses.send('id', { type: 'put', data: { cents: 1 } }, { key: 'k' });
  // @ts-expect-error: no such expectation
  void purses.send('id', { type: 'put', data: { cents: 1 } }, { expectedVersion: 'any' });
});

test('create takes only commands that may start a stream', () => {
  void purses.create({ type: 'open', data: { owner: 'Ada' } });
  void purses.create({ type: 'take', data: { cents: 1 } }, { id: 'id', idempotencyKey: 'k' });
  // @ts-expect-error: a plain command
  void purses.create({ type: 'put', data: { cents: 1 } });
  // @ts-expect-error: excess data
  void purses.create({ type: 'open', data: { owner: 'Ada', age: 1 } });
});

test('receipts carry typed events and state', async () => {
  const receipt = await purses.send('id', { type: 'put', data: { cents: 1 } });
  expectTypeOf(receipt.version).toBeNumber();
  expectTypeOf(receipt.state).toEqualTypeOf<{ owner: string; balance: number } | undefined>();
  for (const event of receipt.events) {
    expectTypeOf(event.position).toBeNumber();
    if (event.type === 'opened') expectTypeOf(event.data).toEqualTypeOf<{ owner: string }>();
    if (event.type === 'stamped') expectTypeOf(event.data).toEqualTypeOf<{ at: number }>();
    // @ts-expect-error: no such event
    if (event.type === 'burnt') return;
  }
});

test('the state and the events of an instance are typed', async () => {
  const at = await purses.state('id');
  expectTypeOf(at).not.toBeAny();
  expectTypeOf(at?.state).toEqualTypeOf<{ owner: string; balance: number } | undefined>();
  // @ts-expect-error: there may be no such instance
  void at.state;
  for await (const event of purses.events('id')) {
    expectTypeOf(event.recordedAt).toEqualTypeOf<Date>();
    if (event.type === 'changed') expectTypeOf(event.data.by).toBeNumber();
    // @ts-expect-error: `by` is data of one event only
    void event.data.by;
  }
});

test('trySend narrows: receipt or rejection, told apart by ok and shortCode', async () => {
  const result = await purses.trySend('id', { type: 'take', data: { cents: 1 } });
  if (result.ok) {
    expectTypeOf(result.receipt.version).toBeNumber();
    // @ts-expect-error: a receipt is no rejection
    void result.shortCode;
    return;
  }
  expectTypeOf(result.status).toBeNumber();
  switch (result.shortCode) {
    case 'EMPTY':
      return expectTypeOf(result.details).toEqualTypeOf<{ balance: number }>();
    case 'LOCKED':
      return expectTypeOf(result.details).toEqualTypeOf<Readonly<Record<string, never>>>();
    case 'NotFound':
    case 'AlreadyExists':
      return expectTypeOf(result.details.id).toBeString();
    default:
      return expectTypeOf(result).toBeNever();
  }
});

test('a forgotten rejection is found by the compiler', async () => {
  const result = await purses.trySend('id', { type: 'take', data: { cents: 1 } });
  if (result.ok) return;
  if (
    result.shortCode === 'EMPTY' ||
    result.shortCode === 'NotFound' ||
    result.shortCode === 'AlreadyExists'
  )
    return;
  // @ts-expect-error: LOCKED is left
  const rest: never = result;
  void rest;
});

test('isRejection narrows a caught error in the same way', () => {
  if (!purse.isRejection(error)) return;
  expectTypeOf(error.number).toBeNumber();
  expectTypeOf(error.message).toBeString();
  if (error.shortCode === 'EMPTY') expectTypeOf(error.details.balance).toBeNumber();
  // @ts-expect-error: no such code
  if (error.shortCode === 'GONE') return;
});

test('an aggregate client is of one aggregate', () => {
  expectTypeOf(purses).not.toBeAny();
  expectTypeOf(purses).toExtend<AggregateClient<NonNullable<(typeof purse)['types']>>>();
});

test('what reads the log can be waited for, and nothing else', async () => {
  const put = { type: 'put', data: { cents: 1 } } as const;
  const on = [purse];
  const handle = async () => undefined;
  const base = { name: 'n', version: 1, on } as const;
  const view = defineView({ ...base, key: () => 'k', initial: {}, evolve: (doc) => doc });
  const handler = defineHandler({ ...base, handle });
  const projection = defineProjection({ ...base, setup: handle, handle });
  const publication = definePublication({ ...base, to: () => new MemoryPublisher() });
  const waitFor = [view, handler, projection, publication, '$commands'];
  const receipt = await purses.send('id', put, { waitFor, waitForTimeoutMs: 1000 });
  expectTypeOf(receipt.version).toBeNumber();
  void purses.create({ type: 'take', data: { cents: 1 } }, { waitFor: [view] });
  void purses.trySend('id', put, { waitFor: [view] });
  void runtime.view(view).waitFor(receipt.position, { timeoutMs: 1000 });
  // @ts-expect-error: an aggregate reads nothing
  void purses.send('id', put, { waitFor: [purse] });
  // @ts-expect-error: not a list
  void purses.send('id', put, { waitFor: view });
  // @ts-expect-error: its name is not all of it
  void purses.send('id', put, { waitFor: [{ name: 'n' }] });
  // @ts-expect-error: not a number
  void purses.send('id', put, { waitFor, waitForTimeoutMs: '1s' });
  // @ts-expect-error: state waits for nothing
  void purses.state('id', { waitFor: [view] });
});

test('predicates know the events of what they restrict', () => {
  defineHandler({
    ...{ name: 'n', version: 1, on: [only(purse, 'changed')], handle: () => undefined },
    where(event) {
      expectTypeOf(event.data.by).toBeNumber();
      return event.data.by > 0;
    },
  });
  definePublication({
    ...{ name: 'n', version: 1, on: [only(purse, 'opened')], to: () => new MemoryPublisher() },
    where: (event) => event.data.owner !== '',
  });
  defineView({
    ...{ name: 'n', version: 1, on: [purse], key: (event) => event.id, initial: {} },
    where: (event) => event.type === 'opened',
    evolve: (doc) => doc,
  });
  defineHandler({
    ...{ name: 'n', version: 1, on: [purse], handle: () => undefined },
    // @ts-expect-error: a promise would let all pass
    where: async () => false,
  });
});
